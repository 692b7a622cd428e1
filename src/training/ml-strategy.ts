import type { Algorithm } from '../ml/algorithms/algorithm.js';
import { getAlgorithm } from '../ml/algorithms/algorithms.js';
import type { WeightedStep } from './run-information.js';
import type { TrainingStep } from './worker/protocol.js';

/** What the runner has to know of an algorithm besides its contract. */
export interface TrainingStrategy {
  readonly algorithm: Algorithm;
  /** True when it trains in epochs, or in rounds of trees: it has losses to draw and checkpoints to resume from. */
  readonly iterative: boolean;
  /** True when it runs on an engine of `ml/engine`, which may be native code. */
  readonly trainsNetwork: boolean;
  /** Share of each step in the runtime, as measured on hourly data with a few thousand windows. */
  readonly steps: readonly WeightedStep<TrainingStep>[];
}

const ITERATIVE: Readonly<Record<Algorithm['family'], boolean>> = {
  baseline: false,
  statistical: false,
  linear: false,
  trees: true,
  neural: true,
  ensemble: false,
  imported: false,
};

const TRAINING_WEIGHT: Readonly<Record<Algorithm['family'], number>> = {
  baseline: 1,
  statistical: 100,
  linear: 30,
  trees: 200,
  neural: 300,
  ensemble: 60,
  imported: 20,
};

const AUTOENCODER_WEIGHT = 100;
/** Preparing and scoring one window of a backtest with refit. */
const REFIT_WEIGHT = 10;

/** What a training has besides what all of them have. */
export interface TrainingExtras {
  readonly autoencoder?: boolean;
  readonly backtest?: { readonly windows: number; readonly refit: boolean } | undefined;
}

/** Chooses the strategy by the algorithm's name; `ALGORITHM_UNKNOWN` for a name that is not in the list. */
export function getStrategy(
  algorithmName: string,
  { autoencoder = false, backtest }: TrainingExtras = {},
): TrainingStrategy {
  const algorithm = getAlgorithm(algorithmName);
  const fitting = TRAINING_WEIGHT[algorithm.family] + (autoencoder ? AUTOENCODER_WEIGHT : 0);
  return {
    algorithm,
    iterative: ITERATIVE[algorithm.family],
    // The members of an ensemble may be networks; what was imported runs here for the first time.
    trainsNetwork: algorithm.family === 'neural' || algorithm.combines === true || algorithm.imports === true,
    steps: [
      ...(autoencoder ? [{ name: 'autoencoder', weight: AUTOENCODER_WEIGHT } as const] : []),
      { name: 'windows', weight: 5 },
      { name: 'training', weight: TRAINING_WEIGHT[algorithm.family] },
      { name: 'evaluating', weight: 30 },
      ...(backtest === undefined
        ? []
        : [{ name: 'backtest', weight: backtest.refit ? backtest.windows * (fitting + REFIT_WEIGHT) : 5 } as const]),
      { name: 'drawing', weight: 10 },
      { name: 'exporting', weight: 2 },
    ],
  };
}
