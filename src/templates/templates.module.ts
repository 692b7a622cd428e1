import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/index.js';
import { DatasetsModule } from '../datasets/index.js';
import { TEMPLATE_TABLE } from './template.entity.js';
import { TemplatesController } from './templates.controller.js';
import { TemplatesRepository } from './templates.repository.js';
import { TemplatesService } from './templates.service.js';

/** Every parameter of every step of a training, versioned. */
@Module({
  imports: [DatabaseModule.forFeature([TEMPLATE_TABLE]), DatasetsModule],
  controllers: [TemplatesController],
  providers: [TemplatesRepository, TemplatesService],
  exports: [TemplatesService],
})
export class TemplatesModule {}
