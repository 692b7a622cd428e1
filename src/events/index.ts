export { EventPage } from './dto/event.dto.js';
export { EventFeed, type EventBatch, type EventFilter } from './event-feed.js';
export { EventPosition } from './event-position.js';
export { EVENT_TYPES, type EventType, type NewEvent, type ServiceEvent } from './event.js';
export type { EventSelection } from './event.repository.js';
export { EventsModule } from './events.module.js';
export { EventsService } from './events.service.js';
