import type { Forecaster } from '../../algorithms/algorithm.js';
import { directionShares, labelsOfTarget } from '../../windows/direction-labels.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import { probabilitiesOf } from '../evaluate-directions.js';
import type { EvaluationContext } from '../evaluate.js';
import { ScoredDirections, type DirectionCell } from '../scored-directions.js';
import { isSignificant } from '../skill-tests.js';
import type { BacktestPlan } from './backtest-cutoffs.js';
import { listSkipped, unobserved, windowTimes, type SkippedCutoff } from './backtest-model.js';
import type { DirectionBacktested, DirectionBacktestScores, DirectionBacktestWindow } from './direction-backtest.js';
import { spreadOf } from './window-spread.js';

/** What is left of the windows of one model: by window, in the order of its origins. */
export interface ToldDirections {
  /** [horizon, targets, 3]. */
  readonly probabilities: readonly Float64Array[];
  /** For each target [horizon]. */
  readonly labels: readonly (readonly Uint8Array[])[];
  /** For each target [horizon, 3]: of the train windows of the model. */
  readonly shares: readonly Float64Array[];
}

/** Asks a model for the directions from `origins`, rows of its own data, beside what came and the shares it was trained on. */
export async function tellDirections(
  data: WindowedData,
  forecaster: Forecaster,
  origins: Int32Array,
  context?: EvaluationContext,
): Promise<ToldDirections> {
  const { horizon, targets } = data;
  const all = await probabilitiesOf(data, forecaster, origins, 'a backtest', context);
  const labels = targets.names.map((_, target) => labelsOfTarget(data, target, origins));
  const each = origins.length === 0 ? 0 : all.length / origins.length;
  return {
    probabilities: Array.from(origins, (_, at) => all.slice(at * each, (at + 1) * each)),
    labels: Array.from(origins, (_, at) => labels.map((of) => of.slice(at * horizon, (at + 1) * horizon))),
    shares: directionShares(data, data.origins.train),
  };
}

interface CollectedWindow {
  readonly cutoff: number;
  readonly probabilities: Float64Array;
  readonly labels: readonly Uint8Array[];
  readonly shares: readonly Float64Array[];
  readonly fitted: Pick<DirectionBacktestWindow, 'trainRows' | 'validationRows' | 'modelSha256'>;
}

/** Collects the windows of a backtest of directions, and scores each alone and all of them. */
export class DirectionWindows {
  private readonly windows: CollectedWindow[] = [];
  private readonly skipped: SkippedCutoff[] = [];

  constructor(
    private readonly backtest: BacktestPlan,
    private readonly data: WindowedData,
  ) {}

  /** Window `at` of what was told. Its scores; null where none of its changes was observed, and the window is left out. */
  add(
    cutoff: number,
    { probabilities, labels, shares }: ToldDirections,
    at: number,
    fitted: CollectedWindow['fitted'],
  ): DirectionBacktestWindow | null {
    const window = { cutoff, probabilities: probabilities[at]!, labels: labels[at]!, shares, fitted };
    const scored = this.windowScores(window, this.scoredOf([window]), 0);
    if (scored === null) this.skipped.push(unobserved(cutoff));
    else this.windows.push(window);
    return scored;
  }

  skip({ cutoff, code, message }: SkippedCutoff): void {
    this.skipped.push({ cutoff, code, message });
  }

  finish(): DirectionBacktested {
    const { backtest, data, windows, skipped } = this;
    const { refit, step, trainRows } = backtest;
    const scored = this.scoredOf(windows);
    const reported = windows.map((window, at) => this.windowScores(window, scored, at)!);
    return {
      report: {
        refit,
        step,
        rollingRows: trainRows,
        windows: reported,
        skipped: listSkipped(skipped, data.times),
        overall: windows.length === 0 ? null : this.overall(scored, reported),
      },
      forecasts: {
        cutoffs: Int32Array.from(windows, ({ cutoff }) => cutoff),
        probabilities: windows.map(({ probabilities }) => probabilities),
        labels: windows.map(({ labels }) => labels),
      },
    };
  }

  private overall(scored: ScoredDirections, windows: readonly DirectionBacktestWindow[]): DirectionBacktestScores {
    const { step } = this.backtest;
    const { horizon, targets } = this.data;
    const all = scored.compared(scored.cells())!;
    const significance = scored.significance(scored.cells(), step);
    const spread = (of: (window: DirectionBacktestWindow) => number) => spreadOf(windows.map(of))!;
    const perAsset = targets.names.map((asset, target) => {
      return { asset, compared: scored.compared(scored.cells((cell) => cell.target === target)) };
    });
    return {
      ...all,
      significance,
      hasSkill: all.skill > 0 && isSignificant(significance) && this.skipped.length === 0,
      perAsset: perAsset.flatMap(({ asset, compared }) => (compared === null ? [] : [{ asset, ...compared }])),
      unscoredAssets: perAsset.filter(({ compared }) => compared === null).map(({ asset }) => asset),
      perStep: Array.from({ length: horizon }, (_, at) => at).flatMap((at) => {
        const cells = scored.cells((cell: DirectionCell) => cell.step === at);
        const compared = scored.compared(cells);
        return compared === null ? [] : [{ step: at + 1, ...compared, significance: scored.significance(cells, step) }];
      }),
      spread: {
        logLoss: spread(({ model }) => model.logLoss),
        accuracy: spread(({ model }) => model.accuracy),
        macroF1: spread(({ model }) => model.macroF1),
        brier: spread(({ model }) => model.brier),
        skill: spread(({ skill }) => skill),
      },
    };
  }

  private windowScores(
    { cutoff, fitted }: CollectedWindow,
    scored: ScoredDirections,
    at: number,
  ): DirectionBacktestWindow | null {
    const compared = scored.comparedWindow(at);
    return compared && { ...windowTimes(this.data.times, cutoff, this.data.horizon), ...fitted, ...compared };
  }

  private scoredOf(windows: readonly CollectedWindow[]): ScoredDirections {
    const { horizon, targets } = this.data;
    const each = horizon * targets.names.length * 3;
    const probabilities = new Float64Array(windows.length * each);
    windows.forEach((window, at) => probabilities.set(window.probabilities, at * each));
    const labels = targets.names.map((_, target) => {
      const joined = new Uint8Array(windows.length * horizon);
      windows.forEach((window, at) => joined.set(window.labels[target]!, at * horizon));
      return joined;
    });
    return new ScoredDirections({
      origins: Int32Array.from(windows, ({ cutoff }) => cutoff),
      horizon,
      targets: targets.names.length,
      probabilities,
      shares: (window) => windows[window]!.shares,
      labels,
    });
  }
}
