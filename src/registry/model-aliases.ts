import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import { ALIAS_NAME, type ModelAlias, type ModelVersion } from './model.js';
import { ModelRepository } from './model.repository.js';

/** Not an alias: the newest version, whatever its approval. */
export const LATEST = 'latest';

const TRIES = 5;

/** Throws where an alias may not come to point to a version, for example because production follows it. */
export type AliasGuard = (alias: string, version: ModelVersion) => Promise<void>;

/** Names that point to one version and can be moved. */
@Injectable()
export class ModelAliases {
  private readonly guards: AliasGuard[] = [];

  constructor(
    private readonly models: ModelRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  registerGuard(guard: AliasGuard): void {
    this.guards.push(guard);
  }

  list(model: string): Promise<ModelAlias[]> {
    return this.models.listAliases(model);
  }

  find(model: string, alias: string): Promise<ModelAlias | null> {
    return this.models.findAlias(model, alias);
  }

  async set(alias: string, version: ModelVersion, reason: string | null, actor: string): Promise<ModelAlias> {
    if (!ALIAS_NAME.test(alias) || alias === LATEST) {
      const message = `"${alias}" cannot be an alias: give a lower-case letter and up to 62 letters, digits and hyphens, not ${LATEST}`;
      throw new TrainyardError('ALIAS_INVALID', message, { alias });
    }
    for (const guard of this.guards) await guard(alias, version);
    for (let tries = 1; ; tries++) {
      try {
        return await this.models.setAlias(version.model, alias, version.version, reason, actor, isoTime(this.clock));
      } catch (error) {
        if (!isTrainyardError(error, 'CONFLICT') || tries === TRIES) throw error;
      }
    }
  }

  async remove(model: string, alias: string, actor: string): Promise<void> {
    if (await this.models.removeAlias(model, alias, actor)) return;
    throw new TrainyardError('MODEL_NOT_FOUND', `Model "${model}" has no alias "${alias}"`, { model, alias });
  }
}
