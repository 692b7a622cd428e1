import { Module } from '@nestjs/common';
import { ArtifactsModule } from '../artifacts/index.js';
import { DatabaseModule } from '../database/index.js';
import { MODEL_FILE_TABLE } from './model-file.entity.js';
import { ModelFilesController } from './model-files.controller.js';
import { ModelFilesHttp } from './model-files-http.service.js';
import { ModelFilesRepository } from './model-files.repository.js';
import { ModelFilesService } from './model-files.service.js';

/** Models that were trained elsewhere, as files: inject `ModelFilesService`. */
@Module({
  imports: [DatabaseModule.forFeature([MODEL_FILE_TABLE]), ArtifactsModule],
  controllers: [ModelFilesController],
  providers: [ModelFilesRepository, ModelFilesService, ModelFilesHttp],
  exports: [ModelFilesService],
})
export class ModelFilesModule {}
