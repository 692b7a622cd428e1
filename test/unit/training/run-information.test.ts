import { RunInformation } from '#src/training/run-information.js';

const STEPS = [
  { name: 'windows', weight: 10 },
  { name: 'training', weight: 80 },
  { name: 'evaluating', weight: 10 },
] as const;

function newRun(options: { maxRuntimeMs?: number | null; elapsedMsBefore?: number } = {}) {
  const clock = { now: 1_000 };
  const run = new RunInformation({
    executionId: 'exe_1',
    seed: 7,
    steps: STEPS,
    maxRuntimeMs: options.maxRuntimeMs ?? null,
    elapsedMsBefore: options.elapsedMsBefore ?? 0,
    now: () => clock.now,
  });
  return { run, clock };
}

describe('RunInformation', () => {
  it('weights its steps', () => {
    const { run } = newRun();
    expect(run.snapshot()).toMatchObject({ executionId: 'exe_1', seed: 7, step: null, percent: 0, etaSeconds: null });
    run.enter('windows');
    run.advance({ fraction: 0.5 });
    expect(run.percent).toBe(5);
    run.enter('training');
    expect(run.percent).toBe(10);
    run.advance({ fraction: 0.25, epoch: 5, epochs: 20, loss: 0.5, validationLoss: 0.6 });
    expect(run.snapshot()).toMatchObject({ step: 'training', percent: 30, epoch: 5, epochs: 20, loss: 0.5 });
    run.enter('evaluating');
    run.advance({ fraction: 1 });
    expect(run.snapshot()).toMatchObject({ percent: 100, epoch: 5, validationLoss: 0.6 });
    expect(run.iterations).toBe(5);
  });

  it('never goes back, and counts a step that was left out as done', () => {
    const { run } = newRun();
    run.enter('training');
    expect(run.percent).toBe(10);
    run.advance({ fraction: 0.5 });
    run.advance({ fraction: 0.25 });
    expect(run.percent).toBe(50);
    expect(() => run.enter('windows')).toThrow('step windows comes before training');
    expect(() => run.enter('resting' as 'windows')).toThrow('unknown step resting');
  });

  it('estimates the time left from the speed of the current step and the weight that is left', () => {
    const { run, clock } = newRun();
    run.enter('windows');
    clock.now += 9_000;
    run.enter('training');
    expect(run.etaSeconds).toBeNull();
    clock.now += 2_000;
    run.advance({ fraction: 0.25 });
    // 2 s for 20 of 80 weights: 60 + 10 weights are left at 0.1 s each.
    expect(run.etaSeconds).toBeCloseTo(7, 9);
    expect(run.runtimeMs).toBe(11_000);
  });

  it('does not take what a run did before its interruption for speed', () => {
    const { run, clock } = newRun({ elapsedMsBefore: 60_000 });
    run.enter('training');
    run.advance({ fraction: 0.5 });
    expect(run.etaSeconds).toBeNull();
    clock.now += 1_000;
    run.advance({ fraction: 0.75 });
    // 1 s for 20 weights: 20 + 10 left.
    expect(run.etaSeconds).toBeCloseTo(1.5, 9);
    expect(run.runtimeMs).toBe(61_000);
  });

  it('bounds the estimate of the training by its budget', () => {
    const { run, clock } = newRun({ maxRuntimeMs: 3_000 });
    run.enter('training');
    clock.now += 2_000;
    run.advance({ fraction: 0.1 });
    // The training would take 18 s more; 1 s of budget is left. Then 10 weights at 0.25 s.
    expect(run.budgetLeftMs).toBe(1_000);
    expect(run.etaSeconds).toBeCloseTo(3.5, 9);
    clock.now += 5_000;
    expect(run.budgetLeftMs).toBe(0);
  });
});
