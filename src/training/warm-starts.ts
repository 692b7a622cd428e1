import { Inject, Injectable } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/index.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import type { DatasetVersion } from '../datasets/index.js';
import type { TakenOver } from '../executions/index.js';
import type { TemplateParameters } from '../templates/index.js';
import { ProcessingBuilder } from './processing-builder.js';
import { nameOf, TrainedOrigins } from './trained-origins.js';
import { assertContinues, decodeWarmStart, warmStartFiles } from './warm-start.js';

/** Finds the model that a training shall go on from, and refuses one that does not fit before anything is queued. */
@Injectable()
export class WarmStarts {
  constructor(
    private readonly origins: TrainedOrigins,
    private readonly artifacts: ArtifactStore,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
  ) {}

  async read(parameters: TemplateParameters, dataset: DatasetVersion): Promise<TakenOver | null> {
    const { warmStart } = parameters.training;
    if (warmStart.model === null && warmStart.execution === null) return null;
    const origin = await this.origins.find(warmStart, 'training.warmStart');
    const [model, processing] = await Promise.all([
      this.artifacts.read(origin.executionId, 'model.json'),
      this.artifacts.read(origin.executionId, 'processing.json'),
    ]);
    const plan = ProcessingBuilder.fromTemplate(parameters, dataset, this.config.limits);
    const training = { algorithm: parameters.algorithm, plan };
    assertContinues(training, decodeWarmStart(model.content, processing.content), nameOf(origin));
    const isOpen = warmStart.model !== null && warmStart.version === null;
    const frozen = { ...warmStart, version: origin.model?.version ?? null };
    return {
      parameters: { ...parameters, training: { ...parameters.training, warmStart: frozen } },
      fixed: isOpen ? ['training.warmStart.version'] : [],
      warmStart: origin,
      files: warmStartFiles(model.content, processing.content),
    };
  }
}
