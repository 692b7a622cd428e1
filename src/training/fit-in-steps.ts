import { TrainyardError } from '../common/errors/index.js';

/** What a computation in steps may ask of the thread it runs in. */
export interface StepSurroundings {
  isCancelled(): boolean;
  breathe(): Promise<void>;
}

/**
 * Runs a computation that pauses, and lets timers and messages through at each pause. `onPause` hears how far it is and
 * may answer it. `CANCELLED` at the first pause after somebody asked for it.
 */
export async function fitInSteps<Progress, Result, Order = undefined>(
  fitting: Generator<Progress, Result, Order | undefined>,
  surroundings: StepSurroundings,
  onPause: (progress: Progress) => Order | undefined,
): Promise<Result> {
  let step = fitting.next();
  while (step.done !== true) {
    const order = onPause(step.value);
    await surroundings.breathe();
    if (surroundings.isCancelled()) throw new TrainyardError('CANCELLED', 'The training was cancelled.');
    step = fitting.next(order);
  }
  return step.value;
}
