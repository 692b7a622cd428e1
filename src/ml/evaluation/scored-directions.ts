import type { ClassProbabilities } from '../metrics/class-metrics.js';
import { dieboldMariano, type SkillTest } from '../metrics/diebold-mariano.js';
import { DIRECTIONS, UNLABELLED } from '../windows/direction-labels.js';
import { classScores, macroArea, type CountedArea } from './class-scores.js';
import type { ComparedDirections } from './compared-directions.js';

const CLASSES = DIRECTIONS.length;
/** As in `multiClassLogLoss`. */
const LEAST_PROBABILITY = 1e-15;

/** One asset and step: the changes that are compared with each other. */
export interface DirectionCell {
  readonly target: number;
  /** From 0. */
  readonly step: number;
}

type Source = 'model' | 'trainShares';

/** The probabilities of a model for all windows of a part, beside the shares of the train part, and what came. */
export class ScoredDirections {
  private readonly areas = new Map<number, Readonly<Record<Source, CountedArea>>>();

  constructor(
    private readonly given: {
      readonly origins: Int32Array;
      readonly horizon: number;
      readonly targets: number;
      /** [origins, horizon, targets, 3]. */
      readonly probabilities: Float64Array;
      /** What a window is compared with, for each target [horizon, 3]. */
      readonly shares: (window: number) => readonly Float64Array[];
      /** For each target [origins, horizon]. */
      readonly labels: readonly Uint8Array[];
    },
  ) {}

  cells(of: (cell: DirectionCell) => boolean = () => true): DirectionCell[] {
    const { targets, horizon } = this.given;
    return Array.from({ length: targets * horizon }, (_, at) => ({
      target: Math.floor(at / horizon),
      step: at % horizon,
    })).filter(of);
  }

  /** Null where no change of the cells was observed. */
  compared(cells: readonly DirectionCell[]): ComparedDirections | null {
    const of = (source: Source): ClassProbabilities => this.collect(source, cells);
    const model = of('model');
    const count = model.labels.length;
    if (count === 0) return null;
    const scores = (source: Source, scored: ClassProbabilities) =>
      classScores(
        scored,
        cells.map((cell) => this.areasOf(cell)[source]),
      );
    const [ofModel, ofShares] = [scores('model', model), scores('trainShares', of('trainShares'))];
    return { count, model: ofModel, trainShares: ofShares, skill: 1 - ofModel.logLoss / ofShares.logLoss };
  }

  /** The changes of one window, all of them together: within an asset and step there is but one. */
  comparedWindow(window: number): ComparedDirections | null {
    const of = (source: Source): ClassProbabilities => this.collect(source, this.cells(), window, window + 1);
    const model = of('model');
    const count = model.labels.length;
    if (count === 0) return null;
    const scores = (scored: ClassProbabilities) => classScores(scored, [{ count, area: macroArea(scored) }]);
    const [ofModel, ofShares] = [scores(model), scores(of('trainShares'))];
    return { count, model: ofModel, trainShares: ofShares, skill: 1 - ofModel.logLoss / ofShares.logLoss };
  }

  /**
   * Whether the mean log loss of a window over the cells is less than that of the shares by more than chance. `stride`:
   * rows between two origins; windows that share forecast rows are correlated, see `dieboldMariano`.
   */
  significance(cells: readonly DirectionCell[], stride: number): SkillTest | null {
    const { origins } = this.given;
    const first = origins[0]!;
    const length = (origins[origins.length - 1]! - first) / stride + 1;
    const differentials = new Float64Array(length).fill(NaN);
    origins.forEach((origin, window) => {
      let [sum, count] = [0, 0];
      for (const cell of cells) {
        const label = this.label(cell, window);
        if (label === UNLABELLED) continue;
        sum += this.loss('model', cell, window, label) - this.loss('trainShares', cell, window, label);
        count++;
      }
      if (count > 0) differentials[(origin - first) / stride] = sum / count;
    });
    const ahead = Math.max(...cells.map(({ step }) => step + 1));
    return dieboldMariano(differentials, Math.ceil(ahead / stride));
  }

  private areasOf(cell: DirectionCell): Readonly<Record<Source, CountedArea>> {
    const key = cell.target * this.given.horizon + cell.step;
    let found = this.areas.get(key);
    if (found === undefined) {
      const area = (source: Source): CountedArea => {
        const scored = this.collect(source, [cell]);
        return { count: scored.labels.length, area: macroArea(scored) };
      };
      found = { model: area('model'), trainShares: area('trainShares') };
      this.areas.set(key, found);
    }
    return found;
  }

  /** Windows `from` … `to` − 1. */
  private collect(
    source: Source,
    cells: readonly DirectionCell[],
    from = 0,
    to = this.given.origins.length,
  ): ClassProbabilities {
    const probabilities = new Float64Array((to - from) * cells.length * CLASSES);
    const labels = new Uint8Array((to - from) * cells.length);
    let count = 0;
    for (let window = from; window < to; window++) {
      for (const cell of cells) {
        const label = this.label(cell, window);
        if (label === UNLABELLED) continue;
        const { of, at } = this.place(source, cell, window);
        for (let one = 0; one < CLASSES; one++) probabilities[count * CLASSES + one] = of[at + one]!;
        labels[count++] = label;
      }
    }
    return {
      probabilities: probabilities.subarray(0, count * CLASSES),
      labels: labels.subarray(0, count),
      classes: CLASSES,
    };
  }

  private label({ target, step }: DirectionCell, window: number): number {
    return this.given.labels[target]![window * this.given.horizon + step]!;
  }

  private loss(source: Source, cell: DirectionCell, window: number, label: number): number {
    const { of, at } = this.place(source, cell, window);
    return -Math.log(Math.max(LEAST_PROBABILITY, of[at + label]!));
  }

  private place(source: Source, { target, step }: DirectionCell, window: number) {
    const { horizon, targets, probabilities, shares } = this.given;
    return source === 'model'
      ? { of: probabilities, at: ((window * horizon + step) * targets + target) * CLASSES }
      : { of: shares(window)[target]!, at: step * CLASSES };
  }
}
