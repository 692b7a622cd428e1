import {
  calibration,
  classF1,
  likeliestClasses,
  multiClassBrier,
  multiClassLogLoss,
  oneVersusRestAreas,
  type ClassProbabilities,
} from '../metrics/class-metrics.js';
import type { ClassScores } from './compared-directions.js';

/** A mean area with the count of what it is of. */
export interface CountedArea {
  readonly count: number;
  /** Null where there is none. */
  readonly area: number | null;
}

/** Mean of the areas of the classes against the others; null where no class has one. */
export function macroArea(scored: ClassProbabilities): number | null {
  const areas = oneVersusRestAreas(scored).filter((area) => area !== null);
  return areas.length === 0 ? null : areas.reduce((sum, area) => sum + area, 0) / areas.length;
}

/** All scores of at least one row; `areas` are those of its parts within which probabilities are compared. */
export function classScores(scored: ClassProbabilities, areas: readonly CountedArea[]): ClassScores {
  const { labels, classes } = scored;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let hits = 0;
  likeliestClasses(scored).forEach((likeliest, at) => {
    const actual = labels[at]!;
    confusion[actual]![likeliest]! += 1;
    if (actual === likeliest) hits++;
  });
  const known = areas.filter(({ area }) => area !== null);
  const counted = known.reduce((sum, { count }) => sum + count, 0);
  const { error, bins } = calibration(scored)!;
  return {
    logLoss: multiClassLogLoss(scored)!,
    accuracy: hits / labels.length,
    macroF1: classF1(confusion).macro!,
    macroAuc: counted === 0 ? null : known.reduce((sum, { area, count }) => sum + count * area!, 0) / counted,
    brier: multiClassBrier(scored)!,
    calibrationError: error,
    reliability: bins,
    confusion,
  };
}
