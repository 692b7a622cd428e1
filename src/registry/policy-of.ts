import { MANUAL, type ApprovalPolicy } from './model.js';
import type { ApprovalPolicyDto } from './dto/change-model.dto.js';

const CHAMPION = 'champion';

/** A policy as it was asked for, with what was left out. */
export function policyOf(asked: ApprovalPolicyDto): ApprovalPolicy {
  if (asked.kind === 'manual') return MANUAL;
  const { minimumSkill = 0, coverageTolerance = null, beats = CHAMPION, thenAlias = null } = asked;
  return { kind: 'automatic', minimumSkill, coverageTolerance, beats, thenAlias };
}
