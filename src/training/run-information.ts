/** One step of a run and its share of the whole; weights are relative to their sum. */
export interface WeightedStep<Step extends string> {
  readonly name: Step;
  readonly weight: number;
}

export interface RunOptions<Step extends string> {
  readonly executionId: string;
  readonly seed: number;
  /** In the order in which they run. */
  readonly steps: readonly WeightedStep<Step>[];
  /** Null for no limit. */
  readonly maxRuntimeMs: number | null;
  /** Runtime spent before an interruption; it counts against the budget. */
  readonly elapsedMsBefore: number;
  /** Milliseconds of any monotonic origin. */
  readonly now: () => number;
}

/** What a step reports of itself while it runs. */
export interface StepProgress {
  /** 0…1. */
  readonly fraction: number;
  readonly epoch?: number | null;
  readonly epochs?: number | null;
  readonly loss?: number | null;
  readonly validationLoss?: number | null;
}

/** A frozen view of a run. */
export interface RunSnapshot<Step extends string> {
  readonly executionId: string;
  readonly seed: number;
  readonly step: Step | null;
  /** 0…100 over all steps; never falls. */
  readonly percent: number;
  readonly epoch: number | null;
  readonly epochs: number | null;
  readonly loss: number | null;
  readonly validationLoss: number | null;
  readonly etaSeconds: number | null;
  readonly runtimeMs: number;
}

/** Below this share of a step its speed is noise and no estimate is given. */
const MINIMUM_FRACTION_FOR_ETA = 0.01;

/**
 * Identity, seed, budget, progress, runtime, iterations and loss of one training. It knows no clock but the one it is
 * given. Progress is Σ weight of finished steps + fraction · weight of the current one, over Σ weights; the time left
 * extrapolates the current step's milliseconds per weight over the weight that is left, since steps before it ran at
 * another speed.
 */
export class RunInformation<Step extends string = string> {
  readonly executionId: string;
  readonly seed: number;
  readonly maxRuntimeMs: number | null;

  private readonly steps: readonly WeightedStep<Step>[];
  private readonly totalWeight: number;
  private readonly now: () => number;
  private readonly elapsedMsBefore: number;
  private readonly beganAt: number;
  private current = -1;
  private stepBeganAt: number;
  /** Where a resumed step begins: the share done before says nothing about the speed now. */
  private firstFraction: number | null = null;
  private fraction = 0;
  private highestPercent = 0;
  private epoch: number | null = null;
  private epochs: number | null = null;
  private loss: number | null = null;
  private validationLoss: number | null = null;

  constructor(options: RunOptions<Step>) {
    this.executionId = options.executionId;
    this.seed = options.seed;
    this.maxRuntimeMs = options.maxRuntimeMs;
    this.steps = options.steps;
    this.totalWeight = options.steps.reduce((sum, step) => sum + step.weight, 0);
    if (!(this.totalWeight > 0)) throw new Error('a run needs steps with a positive weight');
    this.now = options.now;
    this.elapsedMsBefore = options.elapsedMsBefore;
    this.beganAt = this.now();
    this.stepBeganAt = this.beganAt;
  }

  /** Runtime of the whole training, the time before an interruption included. */
  get runtimeMs(): number {
    return this.elapsedMsBefore + Math.max(0, this.now() - this.beganAt);
  }

  /** Never negative; null without a budget. */
  get budgetLeftMs(): number | null {
    return this.maxRuntimeMs === null ? null : Math.max(0, this.maxRuntimeMs - this.runtimeMs);
  }

  /** Epochs run so far, or 0 for what has none. */
  get iterations(): number {
    return this.epoch ?? 0;
  }

  get step(): Step | null {
    return this.steps[this.current]?.name ?? null;
  }

  get percent(): number {
    return this.highestPercent;
  }

  get etaSeconds(): number | null {
    const step = this.steps[this.current];
    if (step === undefined || step.weight === 0) return null;
    const gained = this.fraction - (this.firstFraction ?? 0);
    if (gained < MINIMUM_FRACTION_FOR_ETA) return null;
    const msPerWeight = (this.now() - this.stepBeganAt) / (gained * step.weight);
    const left = (1 - this.fraction) * step.weight * msPerWeight;
    const later = this.weightAfter(this.current) * msPerWeight;
    const bounded = this.budgetLeftMs === null ? left : Math.min(left, this.budgetLeftMs);
    return (bounded + later) / 1000;
  }

  /** Begins a step; steps may be left out, but none is begun after a later one. */
  enter(step: Step): void {
    const position = this.steps.findIndex(({ name }) => name === step);
    if (position === -1) throw new Error(`unknown step ${step}`);
    if (position < this.current) throw new Error(`step ${step} comes before ${this.step}`);
    this.current = position;
    this.stepBeganAt = this.now();
    this.firstFraction = null;
    this.fraction = 0;
    this.raisePercent();
  }

  /** Takes over what the current step says; what it leaves out keeps its last value. */
  advance(progress: StepProgress): void {
    this.fraction = Math.min(1, Math.max(0, progress.fraction));
    this.firstFraction ??= this.isResumed(progress) ? this.fraction : 0;
    if (progress.epoch !== undefined) this.epoch = progress.epoch;
    if (progress.epochs !== undefined) this.epochs = progress.epochs;
    if (progress.loss !== undefined) this.loss = progress.loss;
    if (progress.validationLoss !== undefined) this.validationLoss = progress.validationLoss;
    this.raisePercent();
  }

  snapshot(): RunSnapshot<Step> {
    return {
      executionId: this.executionId,
      seed: this.seed,
      step: this.step,
      percent: this.percent,
      epoch: this.epoch,
      epochs: this.epochs,
      loss: this.loss,
      validationLoss: this.validationLoss,
      etaSeconds: this.etaSeconds,
      runtimeMs: this.runtimeMs,
    };
  }

  private isResumed(progress: StepProgress): boolean {
    return this.elapsedMsBefore > 0 && progress.fraction > 0;
  }

  private weightAfter(position: number): number {
    return this.steps.slice(position + 1).reduce((sum, step) => sum + step.weight, 0);
  }

  private raisePercent(): void {
    const step = this.steps[this.current];
    const own = step === undefined ? 0 : step.weight * this.fraction;
    const before = this.totalWeight - this.weightAfter(this.current) - (step?.weight ?? 0);
    this.highestPercent = Math.max(this.highestPercent, (100 * (before + own)) / this.totalWeight);
  }
}
