import { Injectable } from '@nestjs/common';
import { TrainyardError } from '../common/errors/index.js';
import { ExecutionsService, type TrainedOrigin } from '../executions/index.js';
import { RegistryService } from '../registry/index.js';

/** How parameters name an earlier result: a registered version, or the execution that made it. */
export interface OriginName {
  readonly model: string | null;
  /** A number or an alias; null: the newest. */
  readonly version: number | string | null;
  readonly execution: string | null;
}

/** Finds the trained models that parameters name. */
@Injectable()
export class TrainedOrigins {
  constructor(
    private readonly executions: ExecutionsService,
    private readonly registry: RegistryService,
  ) {}

  /** `EXECUTION_STATE` for an execution without a trained model; `path` is the field that names it. */
  async find({ model, version, execution }: OriginName, path: string): Promise<TrainedOrigin> {
    if (model !== null) {
      const found = await this.registry.getVersion(model, version);
      const { artifactOwner, modelSha256 } = found;
      return { executionId: artifactOwner, model: { name: found.model, version: found.version }, modelSha256 };
    }
    const { executionId, status, modelSha256 } = await this.executions.get(execution!);
    if (modelSha256 !== null) return { executionId, model: null, modelSha256 };
    throw new TrainyardError(
      'EXECUTION_STATE',
      `${path} names execution ${executionId}, which is ${status} and has no trained model: wait for its end, or name one that has SUCCEEDED or was STOPPED`,
      { path: path === 'training.warmStart' ? `${path}.execution` : path, executionId, status },
    );
  }
}

export function nameOf({ executionId, model }: TrainedOrigin): string {
  return model === null ? `execution ${executionId}` : `${model.name} version ${model.version}`;
}
