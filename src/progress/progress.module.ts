import { Module } from '@nestjs/common';
import { EventsModule } from '../events/index.js';
import { ExecutionsModule } from '../executions/index.js';
import { EventsGateway } from './events.gateway.js';
import { ExecutionsGateway } from './executions.gateway.js';

@Module({ imports: [ExecutionsModule, EventsModule], providers: [ExecutionsGateway, EventsGateway] })
export class ProgressModule {}
