import { Module } from '@nestjs/common';
import { DatabaseModule } from '../database/index.js';
import { ExecutionEvents } from './execution-events.service.js';
import { ExecutionJournal } from './execution-journal.js';
import { ExecutionLedger } from './execution-ledger.js';
import { ExecutionSignals } from './execution-signals.js';
import { EXECUTION_TABLE, IDEMPOTENCY_TABLE } from './execution.entity.js';
import { ExecutionRepository } from './execution.repository.js';
import { ExecutionsRecovery } from './executions-recovery.js';
import { StoredExecutionLedger } from './stored-execution-ledger.js';

@Module({
  imports: [DatabaseModule.forFeature([EXECUTION_TABLE, IDEMPOTENCY_TABLE])],
  providers: [
    ExecutionRepository,
    ExecutionEvents,
    ExecutionJournal,
    ExecutionSignals,
    { provide: ExecutionLedger, useClass: StoredExecutionLedger },
    ExecutionsRecovery,
  ],
  exports: [ExecutionLedger, ExecutionEvents],
})
export class ExecutionsModule {}
