import { areaUnderCurve, brierScore } from '../metrics/binary-metrics.js';
import type { PartRows, SeriesCalendar } from '../processing/processing-plan.js';
import type { WindowedData } from '../windows/windowed-data.js';
import {
  fitTargetGapClassifier,
  gapExamples,
  largeGaps,
  openGapForecast,
  type GapClassifier,
  type GapExample,
} from './gap-classifier.js';
import { gapCycles } from './gap-features.js';
import type { GapEvaluation, GapScores } from './gap-report.js';

export interface TrainedGapClassifier {
  /** Null where all targets with a large gap had too few gaps to learn from. */
  readonly classifier: GapClassifier | null;
  readonly evaluations: readonly GapEvaluation[];
  /** Targets with a large gap that had too few gaps to learn from. */
  readonly untrained: readonly string[];
}

type GapData = Pick<WindowedData, 'times' | 'lookBack' | 'horizon'> & {
  readonly targets: Pick<WindowedData['targets'], 'names' | 'observed'>;
};

/** Pairs of origin and row that are scored of a part. */
const MAXIMUM_EVALUATED = 50_000;

/**
 * Trains a classifier for each target that has a large gap (a run of more than `smallGapRows` missing rows) in its train
 * part, on that part alone, and scores it on the rows of the validation and the test part. Null where none has one. It
 * pauses after every target, for the driver to breathe.
 */
export function* trainGapClassifier(
  { times, lookBack, horizon, targets }: GapData,
  { calendar, smallGapRows }: { readonly calendar: SeriesCalendar; readonly smallGapRows: number },
  parts: PartRows,
  seed: number,
): Generator<void, TrainedGapClassifier | null> {
  const spanMs = times[parts.train.end - 1]! - times[parts.train.start]!;
  const shape = { lookBack, horizon, cycles: gapCycles(calendar, spanMs) };
  const trained: GapClassifier['targets'][number][] = [];
  const evaluations: GapEvaluation[] = [];
  const untrained: string[] = [];
  for (const [at, asset] of targets.names.entries()) {
    const present = targets.observed[at]!;
    const gaps = largeGaps(present, parts.train, smallGapRows);
    if (gaps.length === 0) continue;
    const start = present.indexOf(1, parts.train.start);
    const range = { start, end: parts.train.end };
    const fit = fitTargetGapClassifier(asset, present, times, range, shape, seed);
    if (fit === null) {
      untrained.push(asset);
      continue;
    }
    trained.push(fit.classifier);
    const examples = [parts.validation, parts.test].flatMap((part) =>
      gapExamples(
        { from: Math.max(start + lookBack, part.start) - 1, firstTarget: part.start, end: part.end },
        horizon,
        { maximum: MAXIMUM_EVALUATED, seed },
      ),
    );
    const forecast = openGapForecast({ format: 1, ...shape, targets: [fit.classifier] }, asset, present)!;
    const score = (of: readonly GapExample[]): GapScores | null =>
      scoreExamples(
        of,
        present,
        Float64Array.from(of, (one) => forecast(one, times[one.origin + one.step]!)),
        fit.missingShare,
      );
    evaluations.push({
      asset,
      largeGaps: gaps.length,
      trainExamples: fit.examples,
      trainMissingShare: fit.missingShare,
      later: score(examples),
      fromObserved: score(examples.filter(({ origin }) => present[origin] === 1)),
    });
    yield;
  }
  if (trained.length + untrained.length === 0) return null;
  const classifier: GapClassifier | null = trained.length === 0 ? null : { format: 1, ...shape, targets: trained };
  return { classifier, evaluations, untrained };
}

function scoreExamples(
  examples: readonly GapExample[],
  present: Uint8Array,
  probabilities: Float64Array,
  trainMissingShare: number,
): GapScores | null {
  if (examples.length === 0) return null;
  const labels = Uint8Array.from(examples, ({ origin, step }) => 1 - present[origin + step]!);
  return {
    rows: new Set(examples.map(({ origin, step }) => origin + step)).size,
    examples: examples.length,
    baseRate: labels.reduce((sum, label) => sum + label, 0) / labels.length,
    auc: areaUnderCurve(probabilities, labels),
    brier: brierScore(probabilities, labels),
    baseBrier: brierScore(new Float64Array(labels.length).fill(trainMissingShare), labels),
  };
}
