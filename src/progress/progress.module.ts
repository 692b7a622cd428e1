import { Module } from '@nestjs/common';
import { ExecutionsModule } from '../executions/index.js';
import { ExecutionsGateway } from './executions.gateway.js';

@Module({ imports: [ExecutionsModule], providers: [ExecutionsGateway] })
export class ProgressModule {}
