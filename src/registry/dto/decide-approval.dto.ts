import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { APPROVAL_STATUSES, type ApprovalStatus } from '../model.js';

/** A decision about a model version. */
export class DecideApproval {
  /** The new status. */
  @IsIn(APPROVAL_STATUSES)
  status!: ApprovalStatus;

  /** Why; kept in the version's history. */
  @IsOptional()
  @IsString()
  @MaxLength(2_000)
  reason?: string;
}
