export { cloudEvent, type CloudEvent } from './cloud-event.js';
export { EventAnswer, EventPage } from './dto/event.dto.js';
export { EVENT_TYPES, type EventType, type NewEvent, type ServiceEvent } from './event.js';
export { EventsModule } from './events.module.js';
export { EventsService } from './events.service.js';
