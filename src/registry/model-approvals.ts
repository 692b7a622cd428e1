import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import { judgeVersion } from './approval-policy.js';
import { ModelAliases } from './model-aliases.js';
import type { ApprovalStatus, ModelVersion } from './model.js';
import { ModelRepository } from './model.repository.js';

/** Who decides where nobody does. */
const POLICY = 'approval-policy';

/** Decisions about versions, by people and by a model's policy. */
@Injectable()
export class ModelApprovals {
  private readonly logger = new Logger('ModelApprovals');

  constructor(
    private readonly models: ModelRepository,
    private readonly aliases: ModelAliases,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async decide(
    model: string,
    version: number,
    status: ApprovalStatus,
    reason: string | null,
    actor: string,
  ): Promise<ModelVersion> {
    const decided = await this.models.decide(model, version, { status, actor, reason, at: isoTime(this.clock) });
    if (decided !== null) return decided;
    const message = `There is no version ${version} of model "${model}"`;
    throw new TrainyardError('MODEL_NOT_FOUND', message, { model, version });
  }

  /** Approves a new version where its model's policy is automatic and it passes; says why where it does not. */
  async judge(version: ModelVersion): Promise<ModelVersion> {
    const { model, version: number } = version;
    const policy = (await this.models.findModel(model))?.policy;
    if (policy?.kind !== 'automatic') return version;
    const rival = policy.beats === null ? null : await this.aliases.find(model, policy.beats);
    const verdict = judgeVersion(policy, version, rival && (await this.models.findVersion(model, rival.version)));
    const status = verdict.isApproved ? 'Approved' : 'PendingManualApproval';
    const decided = await this.decide(model, number, status, verdict.reason, POLICY);
    if (!verdict.isApproved || policy.thenAlias === null) return decided;
    try {
      await this.aliases.set(policy.thenAlias, decided, verdict.reason, POLICY);
    } catch (error) {
      // The approval stands; that its alias did not move must not fail the training that made it.
      if (!isTrainyardError(error)) throw error;
      this.logger.warn(`alias ${policy.thenAlias} of model ${model} stays where it is: ${error.message}`);
    }
    return decided;
  }
}
