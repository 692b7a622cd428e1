import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/index.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { TrainyardError } from '../common/errors/index.js';
import type { DatasetVersion } from '../datasets/index.js';
import { ExecutionsService, type TakenOver, type TrainedOrigin } from '../executions/index.js';
import { RegistryService } from '../registry/index.js';
import type { TemplateParameters } from '../templates/index.js';
import { ProcessingBuilder } from './processing-builder.js';
import { assertContinues, decodeWarmStart, warmStartFiles } from './warm-start.js';

/** Finds the model that a training shall go on from, and refuses one that does not fit before anything is queued. */
@Injectable()
export class WarmStarts implements OnModuleInit {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly registry: RegistryService,
    private readonly artifacts: ArtifactStore,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
  ) {}

  onModuleInit(): void {
    this.executions.registerOriginReader((parameters, dataset) => this.read(parameters, dataset));
  }

  private async read(parameters: TemplateParameters, dataset: DatasetVersion): Promise<TakenOver | null> {
    const { warmStart } = parameters.training;
    if (warmStart.model === null && warmStart.execution === null) return null;
    const origin = await this.find(warmStart);
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

  private async find({
    model,
    version,
    execution,
  }: TemplateParameters['training']['warmStart']): Promise<TrainedOrigin> {
    if (model !== null) {
      const found = await this.registry.getVersion(model, version);
      const { artifactOwner, modelSha256 } = found;
      return { executionId: artifactOwner, model: { name: found.model, version: found.version }, modelSha256 };
    }
    const { executionId, status, modelSha256 } = await this.executions.get(execution!);
    if (modelSha256 !== null) return { executionId, model: null, modelSha256 };
    throw new TrainyardError(
      'EXECUTION_STATE',
      `training.warmStart names execution ${executionId}, which is ${status} and has no trained model: wait for its end, or name one that has SUCCEEDED or was STOPPED`,
      { path: 'training.warmStart.execution', executionId, status },
    );
  }
}

function nameOf({ executionId, model }: TrainedOrigin): string {
  return model === null ? `execution ${executionId}` : `${model.name} version ${model.version}`;
}
