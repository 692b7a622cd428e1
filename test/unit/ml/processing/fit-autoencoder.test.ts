import type { AutoencoderPlan } from '#src/ml/autoencoder/autoencoder-plan.js';
import { fitProcessing } from '#src/ml/processing/fit-processing.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import { failureOf } from '../../../support/failure-of.js';
import { assetFrame, planOf } from '../../../support/plans.js';
import { HOUR_MS, differingRows, randomWalk, regularTimes } from '../../../support/series.js';

const ROWS = 300;
const TRAIN_ROWS = 180;
const TIMES = regularTimes(ROWS, HOUR_MS);
const WALKS = [randomWalk(ROWS, 1, 50), randomWalk(ROWS, 2, 20)];

const AUTOENCODER: AutoencoderPlan = {
  units: 2,
  hidden: [4],
  activation: 'tanh',
  series: false,
  replaces: true,
  optimizer: 'adam',
  loss: 'mse',
  epochs: 60,
  batchSize: 64,
  shuffle: false,
  learningRate: 0.01,
  patience: 0,
  minimumChange: 0,
  seed: 5,
};

function planWith(changes: Partial<AutoencoderPlan> | null = {}, more: Partial<ProcessingPlan> = {}): ProcessingPlan {
  const features = ['sma', 'ema', 'rsi'].map((step) => ({ step, parameters: { window: 4 }, assets: ['a', 'b'] }));
  return planOf(['a', 'b'], {
    features,
    ...(changes !== null && { autoencoder: { ...AUTOENCODER, ...changes } }),
    ...more,
  });
}

/** `change` gives other values. */
function fit(plan: ProcessingPlan, change: (value: number, row: number) => number = (value) => value) {
  const frames = WALKS.map((walk, at) => assetFrame('ab'[at]!, TIMES, walk.map(change)));
  return fitProcessing(plan, prepareFrames(plan, frames));
}

const FEATURES = ['a_SMA_4', 'a_EMA_4', 'a_RSI_4', 'b_SMA_4', 'b_EMA_4', 'b_RSI_4'];

describe('a processing with an autoencoder', () => {
  it('gives codes in place of the features, of no asset, scaled like every input', () => {
    const { fitted, data, autoencoder } = fit(planWith());
    expect(fitted.inputs.map(({ name }) => name)).toEqual(['a', 'b', 'AE_1', 'AE_2']);
    expect(data.inputs.assets).toEqual(['a', 'b', null, null]);
    expect(fitted.autoencoder!.inputs.map(({ name }) => name)).toEqual(FEATURES);
    for (const column of data.inputs.columns.slice(2)) {
      const train = column.subarray(0, TRAIN_ROWS).filter((value) => !Number.isNaN(value));
      const mean = train.reduce((sum, value) => sum + value, 0) / train.length;
      expect(mean).toBeCloseTo(0, 9);
      expect(train.reduce((sum, value) => sum + (value - mean) ** 2, 0) / train.length).toBeCloseTo(1, 9);
    }
    expect(autoencoder).toMatchObject({
      widths: [6, 4, 2],
      trainRows: TRAIN_ROWS,
      fittedRows: 159,
      heldOutRows: 17,
      stopReason: 'completed',
    });
    // Six columns of two walks, in two: better than their means, which would be 1.
    expect(autoencoder!.reconstruction.train).toBeLessThan(0.7);
    expect(autoencoder!.reconstruction.later).toBeGreaterThan(0);
  });

  it('adds the codes where they do not replace, and compresses the series where asked', () => {
    const { fitted } = fit(planWith({ replaces: false, series: true, epochs: 2 }));
    expect(fitted.inputs.map(({ name }) => name)).toEqual(['a', 'b', ...FEATURES, 'AE_1', 'AE_2']);
    expect(fitted.autoencoder!.inputs.map(({ name }) => name)).toEqual(['a', 'b', ...FEATURES]);
  });

  it('has no code where a compressed column has no value', () => {
    const { data } = fit(planWith(), (value, row) => (row >= 100 && row < 140 ? NaN : value));
    const [code] = data.inputs.columns.slice(2);
    const missing = [...code!.keys()].filter((row) => Number.isNaN(code![row]!));
    // RSI of 4 rows warms up over 4, and again after the gap; the first 18 rows of a gap are filled, a tenth of 180.
    expect(missing).toEqual([0, 1, 2, 3, ...Array.from({ length: 26 }, (_, at) => 118 + at)]);
  });

  // REFERENCE.md A: "the autoencoder ignores the training window".
  it('keeps to the training window: values after the train part change no weight, no scaling and no code before them', () => {
    const plan = planWith();
    const whole = fit(plan);
    const changed = fit(plan, (value, row) => (row < TRAIN_ROWS ? value : -10 * value + row));
    expect(changed.fitted).toEqual(whole.fitted);
    expect({ ...changed.autoencoder, reconstruction: null }).toEqual({ ...whole.autoencoder, reconstruction: null });
    expect(changed.autoencoder!.reconstruction.later).not.toBe(whole.autoencoder!.reconstruction.later);
    changed.data.inputs.columns.forEach((column, at) => {
      expect(differingRows(column, whole.data.inputs.columns[at]!)[0]).toBe(TRAIN_ROWS);
    });
    const inside = fit(plan, (value, row) => (row === TRAIN_ROWS - 30 ? value + 1 : value));
    expect(inside.fitted.autoencoder!.layers).not.toEqual(whole.fitted.autoencoder!.layers);
  });

  // REFERENCE.md A: "with the autoencoder off nothing is written".
  it('leaves the features as they are where it is off: they are written and are the inputs', () => {
    const { fitted, data, autoencoder } = fit(planWith(null));
    expect(autoencoder).toBeNull();
    expect(Object.keys(fitted).sort()).toEqual(
      [
        'calendar',
        'format',
        'imputations',
        'inputs',
        'learned',
        'plan',
        'seasonLength',
        'smallGapRows',
        'targets',
      ].sort(),
    );
    expect(data.inputs.names).toEqual(['a', 'b', ...FEATURES]);
    expect(data.inputs.columns.every((column) => column.length === ROWS && Number.isFinite(column[ROWS - 1]))).toBe(
      true,
    );
  });

  it('gives other codes for another seed and the same for the same', () => {
    const layersOf = (seed: number) => fit(planWith({ seed, epochs: 3, shuffle: true })).fitted.autoencoder!.layers;
    expect(layersOf(1)).toEqual(layersOf(1));
    expect(layersOf(2)).not.toEqual(layersOf(1));
  });

  it('brings what it compresses to deviation 1 whatever model inputs are scaled with', () => {
    const errorOf = (inputs: string) => fit(planWith({}, { scaling: { inputs, targets: inputs } })).autoencoder!;
    expect(errorOf('none').reconstruction.train).toBeCloseTo(errorOf('min-max').reconstruction.train, 6);
  });

  it('refuses a code as wide as its input, and a train part with too few complete rows', () => {
    const wide = failureOf(() => fit(planWith({ units: 6 })));
    expect(wide.code).toBe('PARAMETER_INVALID');
    expect(wide.message).toContain('features.autoencoder.units=6 must be fewer than the 6 columns it compresses');
    const long = planWith(
      {},
      { features: [{ step: 'sma', parameters: { window: 175 }, assets: ['a', 'b'] }, ...planWith().features] },
    );
    const short = failureOf(() => fit(long));
    expect(short.code).toBe('SERIES_TOO_SHORT');
    expect(short.message).toContain(
      'needs 10 rows of the train part in which every column has a value, 6 of 180 have; a_SMA_175 lacks most, 174',
    );
  });
});
