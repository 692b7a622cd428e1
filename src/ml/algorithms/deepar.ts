import type { NetworkLayer } from '../engine/network.js';
import { outputsPerTarget, type LossSpecification } from '../engine/training-setup.js';
import type { ParameterSpace, ValuesOf } from '../parameters.js';
import type { Algorithm } from './algorithm.js';
import { restoreDeepar } from './deepar/deepar-forecaster.js';
import { prepareSequence, sequenceSamples } from './deepar/sequence-samples.js';
import {
  covariateValues,
  encodedSteps,
  ownValues,
  sequenceFacts,
  trainedSteps,
  type SequenceShape,
} from './deepar/sequence.js';
import { fitNetwork } from './neural/fit-network.js';
import { withDefaults } from './neural/network-parameters.js';
import type { SampleLayout } from './neural/sample-layout.js';
import { TRAINING_PARAMETERS } from './neural/training-parameters.js';
import { numberFact } from './own-series.js';
import { seasonLengthParameter, usableSeason } from './statistical/season.js';

const hyperparameters = {
  layers: {
    kind: 'integer',
    default: 2,
    minimum: 1,
    maximum: 4,
    description: 'LSTM layers, one on the other.',
  },
  cells: {
    kind: 'integer',
    default: 40,
    minimum: 1,
    maximum: 512,
    scale: 'log',
    description: 'Units of each LSTM layer.',
  },
  dropout: {
    kind: 'number',
    default: 0.1,
    minimum: 0,
    maximum: 0.9,
    description: 'Share of the values after each LSTM layer that training drops.',
  },
  likelihood: {
    kind: 'choice',
    values: ['student-t', 'gaussian'],
    default: 'student-t',
    description: 'Distribution of the next value that each step gives; student-t has room for outliers.',
  },
  normalisation: {
    kind: 'choice',
    values: ['last-value', 'mean-absolute'],
    default: 'last-value',
    description:
      'last-value draws the change from the last value, in units of how far the window strays from its mean; ' +
      'mean-absolute draws the value itself, in units of the mean absolute value of the window, as in the paper.',
  },
  samples: {
    kind: 'integer',
    default: 100,
    minimum: 20,
    maximum: 2000,
    scale: 'log',
    description: 'Futures that a forecast draws; its quantiles are theirs, and their median is the point forecast.',
  },
  seasonLength: seasonLengthParameter,
  ...withDefaults(TRAINING_PARAMETERS, { epochs: 100, learningRate: 1e-3, patience: 10, clipNorm: 10 }),
} as const satisfies ParameterSpace;

type DeeparParameters = ValuesOf<typeof hyperparameters>;

/**
 * An autoregressive LSTM over look-back and horizon, one for all targets: each step reads the last value, the one a season
 * before the next, the features of the asset as of the origin, covariates known in advance and which asset it is, and gives
 * the distribution of the next value. It is trained to forecast the horizon with the true values before each step; a forecast
 * draws futures, each value being read by the step after it. Values are seen in units of the window, see `windowScale`.
 * Source: Salinas, Flunkert, Gasthaus & Januschowski, DeepAR: Probabilistic forecasting with autoregressive recurrent
 * networks, International Journal of Forecasting 36 (2020).
 */
export const deepar: Algorithm = {
  name: 'deepar',
  title: 'DeepAR',
  description:
    'Recurrent network that gives a distribution step by step and forecasts by drawing futures; one network for all ' +
    'targets. Has quantiles of its own.',
  family: 'neural',
  usesFeatures: true,
  usesWeights: true,
  usesKnownFuture: true,
  warmStart: { free: [...Object.keys(TRAINING_PARAMETERS), 'samples'] },
  hyperparameters,
  fit(data, values, context) {
    const parameters = values as DeeparParameters;
    const { likelihood, normalisation, samples, seasonLength } = parameters;
    const season = usableSeason('deepar', seasonLength, false, data);
    if (season.whyNot !== null) context.log('info', season.whyNot);
    const loss: LossSpecification = { name: likelihood === 'gaussian' ? 'gaussian' : 'student-t' };
    const { warmStart } = context;
    let prepared: SequenceShape | null = null;
    const shapeOf = (layout: SampleLayout): SequenceShape => {
      prepared ??= prepareSequence(data, layout, {
        lag: season.rows,
        normalisation: normalisation === 'mean-absolute' ? 'mean-absolute' : 'last-value',
      });
      // Weights mean something only beside the scale they were trained with.
      return warmStart === undefined ? prepared : { ...prepared, meanScale: numberFact(warmStart, 'meanScale') };
    };
    return fitNetwork(
      {
        algorithm: 'deepar',
        hyperparameters: values,
        training: parameters,
        channels: 'shared',
        loss,
        build: ({ layout }) => {
          const shape = shapeOf(layout);
          const encoded = encodedSteps(shape);
          const layers = [
            ...recurrentLayers(parameters),
            ...(encoded > 0 ? [{ type: 'Cropping1D', name: 'ahead', config: { cropping: [encoded, 0] } }] : []),
            { type: 'Dense', name: 'head', config: { units: outputsPerTarget(loss) } },
          ];
          const width = ownValues(shape) + covariateValues(shape);
          return {
            architecture: {
              name: 'deepar',
              inputs: [{ name: 'steps', shape: [trainedSteps(shape), width] }],
              layers,
              outputs: ['head'],
            },
            fixed: {},
          };
        },
        samples: (layout) => sequenceSamples(data, layout, shapeOf(layout)),
        facts: (layout) => ({
          ...sequenceFacts(shapeOf(layout)),
          samples,
          samplingSeed: warmStart === undefined ? context.seed : numberFact(warmStart, 'samplingSeed'),
        }),
      },
      data,
      context,
    );
  },
  restore: restoreDeepar,
};

function recurrentLayers({ layers, cells, dropout }: DeeparParameters): NetworkLayer[] {
  return Array.from({ length: layers }, (_, n): NetworkLayer[] => [
    { type: 'LSTM', name: `lstm_${n + 1}`, config: { units: cells, return_sequences: true } },
    ...(dropout > 0 ? [{ type: 'Dropout', name: `dropout_${n + 1}`, config: { rate: dropout } }] : []),
  ]).flat();
}
