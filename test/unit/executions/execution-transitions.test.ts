import {
  EXECUTION_TRANSITIONS,
  assertTransition,
  isRunning,
  isTerminal,
} from '#src/executions/execution-transitions.js';
import { EXECUTION_STATUSES, type ExecutionStatus } from '#src/executions/execution.js';

const ALLOWED = new Set([
  'QUEUED PREPARING',
  'QUEUED CANCELLED',
  'PREPARING TRAINING',
  'PREPARING FAILED',
  'PREPARING CANCELLED',
  'PREPARING INTERRUPTED',
  'TRAINING EVALUATING',
  'TRAINING FAILED',
  'TRAINING CANCELLED',
  'TRAINING INTERRUPTED',
  'EVALUATING REGISTERING',
  'EVALUATING FAILED',
  'EVALUATING CANCELLED',
  'EVALUATING INTERRUPTED',
  'REGISTERING SUCCEEDED',
  'REGISTERING STOPPED',
  'REGISTERING FAILED',
  'REGISTERING CANCELLED',
  'REGISTERING INTERRUPTED',
  'INTERRUPTED QUEUED',
  'INTERRUPTED FAILED',
  'INTERRUPTED CANCELLED',
]);

describe('execution transitions', () => {
  const pairs = EXECUTION_STATUSES.flatMap((from) => EXECUTION_STATUSES.map((to) => ({ from, to })));

  test.each(pairs)('$from to $to', ({ from, to }) => {
    if (ALLOWED.has(`${from} ${to}`)) {
      expect(assertTransition('exe_1', from, to)).toBeUndefined();
      return;
    }
    const allowed = EXECUTION_TRANSITIONS[from];
    const choices = allowed.length === 0 ? `${from} is final` : `from ${from} it can go to ${allowed.join(', ')}`;
    const illegal: unknown = expect.objectContaining({
      code: 'TRANSITION_ILLEGAL',
      status: 409,
      message: `Execution exe_1 cannot go from ${from} to ${to}: ${choices}`,
      details: { executionId: 'exe_1', from, to, allowed },
    });
    expect(() => assertTransition('exe_1', from, to)).toThrow(illegal as Error);
  });

  test('every status reaches an end, and four of them are ends', () => {
    const ends = EXECUTION_STATUSES.filter(isTerminal);
    expect(ends).toEqual(['SUCCEEDED', 'STOPPED', 'FAILED', 'CANCELLED']);
    for (const start of EXECUTION_STATUSES) {
      const reached = new Set<ExecutionStatus>([start]);
      for (const status of reached) EXECUTION_TRANSITIONS[status].forEach((next) => reached.add(next));
      expect([...reached].some(isTerminal)).toBe(true);
    }
  });

  test('running ones, and only they, can be interrupted', () => {
    for (const status of EXECUTION_STATUSES) {
      expect(EXECUTION_TRANSITIONS[status].includes('INTERRUPTED')).toBe(isRunning(status));
    }
  });
});
