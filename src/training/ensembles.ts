import { Inject, Injectable } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/index.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import type { DatasetVersion } from '../datasets/index.js';
import type { TakenOver, TrainedOrigin } from '../executions/index.js';
import type { TemplateParameters } from '../templates/index.js';
import {
  decodeMember,
  memberFiles,
  memberName,
  neededLookBack,
  readMemberNames,
  MEMBERS_PATH,
} from './ensemble-members.js';
import { ensemblePlan } from './ensemble-plan.js';
import { TrainedOrigins } from './trained-origins.js';

/** Finds the models that an ensemble combines, and refuses those that do not fit before anything is queued. */
@Injectable()
export class Ensembles {
  constructor(
    private readonly origins: TrainedOrigins,
    private readonly artifacts: ArtifactStore,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
  ) {}

  async read(parameters: TemplateParameters, dataset: DatasetVersion): Promise<TakenOver> {
    const { hyperparameters } = parameters.algorithm;
    const text = String(hyperparameters['members'] ?? '');
    const origins: TrainedOrigin[] = [];
    for (const name of readMemberNames(text)) origins.push(await this.origins.find(name, MEMBERS_PATH));
    const contents = await Promise.all(
      origins.map(({ executionId }) =>
        Promise.all(['model.json', 'processing.json'].map((name) => this.artifacts.read(executionId, name))),
      ),
    );
    const members = contents.map(([model, processing], at) =>
      decodeMember(origins[at]!, model!.content, processing!.content),
    );
    const named = origins.map(memberName).join(', ');
    const windows = { ...parameters.windows, lookBack: neededLookBack(members) };
    const frozen: TemplateParameters = {
      ...parameters,
      windows,
      algorithm: { ...parameters.algorithm, hyperparameters: { ...hyperparameters, members: named } },
    };
    ensemblePlan(frozen, dataset, this.config.limits, members);
    return {
      parameters: frozen,
      fixed: [
        ...(windows.lookBack === parameters.windows.lookBack ? [] : ['windows.lookBack']),
        ...(named === text ? [] : [MEMBERS_PATH]),
      ],
      warmStart: null,
      members: origins,
      files: contents.flatMap(([model, processing], at) => memberFiles(at, model!.content, processing!.content)),
    };
  }
}
