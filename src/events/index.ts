export { EventPage } from './dto/event.dto.js';
export { type EventType, type NewEvent, type ServiceEvent } from './event.js';
export { EventsModule } from './events.module.js';
export { EventsService } from './events.service.js';
