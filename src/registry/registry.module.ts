import { Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/index.js';
import { DatabaseModule } from '../database/index.js';
import { EventsModule } from '../events/index.js';
import { ExecutionsModule } from '../executions/index.js';
import { ModelAliases } from './model-aliases.js';
import { ModelApprovals } from './model-approvals.js';
import { MODEL_TABLE } from './model.entity.js';
import { ModelRepository } from './model.repository.js';
import { ModelsController } from './models.controller.js';
import { RegistryService } from './registry.service.js';

@Module({
  imports: [DatabaseModule.forFeature([MODEL_TABLE]), ArtifactsModule, ExecutionsModule, EventsModule],
  controllers: [ModelsController],
  providers: [ModelRepository, ModelAliases, ModelApprovals, RegistryService],
  exports: [RegistryService, ModelAliases],
})
export class RegistryModule {}
