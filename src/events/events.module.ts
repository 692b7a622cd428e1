import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/index.js';
import { EVENT_TABLE } from './event.entity.js';
import { EventRepository } from './event.repository.js';
import { EventsController } from './events.controller.js';
import { EventsService } from './events.service.js';
import { WebhookDispatcher } from './webhook-dispatcher.js';
import { WEBHOOK_TABLE } from './webhook.entity.js';
import { WebhookRepository } from './webhook.repository.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

/** What happens to models and endpoints: kept, listed, and sent to webhooks. Inject `EventsService`. */
@Module({
  imports: [DatabaseModule.forFeature([EVENT_TABLE, WEBHOOK_TABLE])],
  controllers: [EventsController, WebhooksController],
  providers: [EventRepository, EventsService, WebhookRepository, WebhookDispatcher, WebhooksService],
  exports: [EventsService],
})
export class EventsModule {}
