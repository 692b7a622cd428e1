import { Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/index.js';
import { DatabaseModule } from '../database/index.js';
import { ExecutionsModule } from '../executions/index.js';
import { MODEL_TABLE } from './model.entity.js';
import { ModelRepository } from './model.repository.js';
import { ModelsController } from './models.controller.js';
import { RegistryService } from './registry.service.js';

@Module({
  imports: [DatabaseModule.forFeature([MODEL_TABLE]), ArtifactsModule, ExecutionsModule],
  controllers: [ModelsController],
  providers: [ModelRepository, RegistryService],
  exports: [RegistryService],
})
export class RegistryModule {}
