import { Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { CatalogueModule } from './catalogue/index.js';
import { ConfigModule } from './common/config/index.js';
import { HttpModule } from './common/http/index.js';
import { LoggingModule } from './common/logging/index.js';
import { OperationsModule } from './operations/index.js';

/** The product, in the order of its flow: each module may import only what stands above it. */
@Module({
  imports: [ConfigModule, LoggingModule, HttpModule, ScheduleModule.forRoot(), OperationsModule, CatalogueModule],
})
export class AppModule {}
