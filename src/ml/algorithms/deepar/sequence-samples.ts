import type { WindowedData } from '../../windows/windowed-data.js';
import { sampleWeights, type NetworkSamples } from '../neural/network-samples.js';
import type { SampleLayout } from '../neural/sample-layout.js';
import {
  covariateValues,
  encodedSteps,
  ownValues,
  sequenceColumns,
  trainedSteps,
  windowScale,
  writeStep,
  type SequenceShape,
} from './sequence.js';

/** The shape of what is read from `data`, with the mean scale of the train windows, weighted as they are. */
export function prepareSequence(
  data: WindowedData,
  layout: SampleLayout,
  given: Pick<SequenceShape, 'lag' | 'normalisation'>,
): SequenceShape {
  const shape = {
    ...given,
    lookBack: data.lookBack,
    horizon: data.horizon,
    features: layout.parts[0]!.columns.length - 1,
    known: layout.known,
    assets: layout.parts.length,
    meanScale: 0,
  };
  let sum = 0;
  let weights = 0;
  for (const own of data.targets.columns) {
    data.origins.train.forEach((origin, at) => {
      const weight = data.weights?.[at] ?? 1;
      if (weight === 0) return;
      sum += weight * windowScale(shape, own, origin).scale;
      weights += weight;
    });
  }
  return { ...shape, meanScale: sum > 0 ? sum / weights : 1 };
}

/**
 * Every window as one sequence with its true values, from the first step that has all it reads to the last of the horizon;
 * the targets are those of the horizon. A loss on the steps before it, as in the paper, would be of forecasts that know the
 * scale of rows after them, and the distributions it gives are too narrow; and as windows overlap, each row is in the
 * horizon of some. Values that were not observed are read like others, and no loss is taken of them.
 */
export function sequenceSamples(data: WindowedData, layout: SampleLayout, shape: SequenceShape): NetworkSamples {
  const { origins, targets, inputs } = data;
  const { assets, horizon } = shape;
  const columns = targets.columns.map((own, asset) =>
    sequenceColumns(inputs, layout, asset, own, data.future?.columns ?? []),
  );
  const numbers = (of: Int32Array): Int32Array =>
    Int32Array.from({ length: of.length * assets }, (_, n) => of[Math.floor(n / assets)]! * assets + (n % assets));
  const train = numbers(origins.train);
  const validation = numbers(origins.validation);
  const originOf = (sample: number): number => Math.floor(sample / assets);
  const drawsChange = shape.normalisation === 'last-value';
  const share = observedShare(data, train, shape);
  return {
    inputs: [
      {
        width: ownValues(shape) + covariateValues(shape),
        length: trainedSteps(shape),
        write(sample, into, at) {
          const origin = originOf(sample);
          const asset = columns[sample % assets]!;
          const scale = windowScale(shape, asset.own, origin);
          for (let row = origin - encodedSteps(shape); row < origin + horizon; row++) {
            at = writeStep(shape, asset, scale, origin, row, into, at);
          }
        },
      },
    ],
    targets: {
      width: 1,
      length: horizon,
      write(sample, into, at) {
        const origin = originOf(sample);
        const { own } = columns[sample % assets]!;
        const { location, scale } = windowScale(shape, own, origin);
        for (let row = origin; row < origin + horizon; row++) {
          into[at++] = (own[row + 1]! - (drawsChange ? own[row]! : location)) / scale;
        }
      },
    },
    ...(share < 1 && {
      targetWeights: {
        width: 1,
        length: horizon,
        write(sample: number, into: Float32Array, at: number) {
          const origin = originOf(sample);
          const observed = targets.observed[sample % assets]!;
          for (let row = origin; row < origin + horizon; row++) {
            into[at++] = observed[row + 1]! / share;
          }
        },
      },
    }),
    train,
    validation,
    parts: assets,
    weightOf: sampleWeights(data, assets),
  };
}

/** Share of the values that train samples forecast which were observed; 1 where none was. */
function observedShare({ targets }: WindowedData, samples: Int32Array, shape: SequenceShape): number {
  const { assets, horizon } = shape;
  let observed = 0;
  let all = 0;
  for (const sample of samples) {
    const origin = Math.floor(sample / assets);
    const column = targets.observed[sample % assets]!;
    for (let row = origin + 1; row <= origin + horizon; row++) {
      observed += column[row]!;
      all++;
    }
  }
  return observed > 0 ? observed / all : 1;
}
