import { Inject, Injectable } from '@nestjs/common';
import type { ArtifactStore } from '../artifacts/index.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { TrainyardError } from '../common/errors/index.js';
import type { DatasetVersion } from '../datasets/index.js';
import type { TakenOver } from '../executions/index.js';
import { findLayout } from '../ml/algorithms/imported/file-layout.js';
import { ModelFilesService } from '../model-files/index.js';
import type { TemplateParameters } from '../templates/index.js';
import { ProcessingBuilder } from './processing-builder.js';

const PATH = 'algorithm.hyperparameters.modelFile';
const ARTIFACT = 'imported-file';

/** Finds the file that an execution shall use, and refuses one that does not fit its windows before anything is queued. */
@Injectable()
export class ImportedFiles {
  constructor(
    private readonly files: ModelFilesService,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
  ) {}

  async read(parameters: TemplateParameters, dataset: DatasetVersion): Promise<TakenOver> {
    const { hyperparameters } = parameters.algorithm;
    const sha256 = String(hyperparameters['modelFile'] ?? '');
    if (sha256 === '') {
      throw new TrainyardError(
        'PARAMETER_INVALID',
        `${PATH} names no file: upload one with POST /model-files, and give the sha256 that it answers`,
        { path: PATH, value: sha256 },
      );
    }
    const { file, content } = await this.files.read(sha256);
    const plan = ProcessingBuilder.fromTemplate(parameters, dataset, this.config.limits);
    // Which columns features make is known when the rows are there; the training then looks again.
    if (plan.features.length === 0) {
      const { lookBack, horizon } = plan.windows;
      const widths = { all: plan.assets.length, 'per-target': 1, 'own-series': 1 };
      findLayout(
        file,
        { lookBack, horizon, targets: plan.targets.length, widths },
        {
          inputColumns: String(hyperparameters['inputColumns'] ?? 'auto'),
          inputOrder: String(hyperparameters['inputOrder'] ?? 'auto'),
          outputOrder: String(hyperparameters['outputOrder'] ?? 'auto'),
        },
      );
    }
    const { name, format, bytes, uploadedBy, uploadedAt } = file;
    return {
      parameters,
      fixed: [],
      warmStart: null,
      modelFile: { sha256, name, format, bytes, uploadedBy, uploadedAt },
      files: [{ name: ARTIFACT, contentType: 'application/octet-stream', content }],
    };
  }
}

export async function readImportedFile(
  artifacts: Pick<ArtifactStore, 'read'>,
  executionId: string,
): Promise<Uint8Array> {
  return (await artifacts.read(executionId, ARTIFACT)).content;
}
