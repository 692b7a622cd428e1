import type { AutoencoderPlan } from '#src/ml/autoencoder/autoencoder-plan.js';
import {
  reconstructionLoss,
  trainAutoencoder,
  type TrainedAutoencoder,
} from '#src/ml/autoencoder/train-autoencoder.js';
import { seededUniform } from '../../../support/series.js';

const COLUMNS = 6;

const PLAN: AutoencoderPlan = {
  units: 2,
  hidden: [],
  activation: 'tanh',
  series: false,
  replaces: true,
  optimizer: 'adam',
  loss: 'mse',
  epochs: 200,
  batchSize: 32,
  shuffle: false,
  learningRate: 0.01,
  patience: 0,
  minimumChange: 0,
  seed: 7,
};

/** Six columns that two hidden factors make, on a line each or bent by tanh. */
function factorRows(rows: number, bend: (value: number) => number = (value) => value): Float64Array {
  const uniform = seededUniform(2);
  const factors = Array.from({ length: rows }, () => [2 * uniform() - 1, 2 * uniform() - 1] as const);
  return Float64Array.from(
    factors.flatMap(([u, v]) =>
      Array.from({ length: COLUMNS }, (_, at) => bend(u * Math.cos(at) + v * Math.sin(2 * at))),
    ),
  );
}

function train(rows: Float64Array, changes: Partial<AutoencoderPlan> = {}, stopAfter = Infinity): TrainedAutoencoder {
  const training = trainAutoencoder(rows, COLUMNS, { ...PLAN, ...changes });
  let pauses = 0;
  let step = training.next();
  while (step.done !== true) step = training.next(++pauses >= stopAfter ? 'stop' : undefined);
  return step.value;
}

const lossOf = ({ layers }: TrainedAutoencoder, rows: Float64Array): number =>
  reconstructionLoss(layers, rows, COLUMNS, 'mse');
const meanSquare = (rows: Float64Array): number => rows.reduce((sum, value) => sum + value * value, 0) / rows.length;

describe('trainAutoencoder', () => {
  it('without hidden layers finds the plane that two factors span: it rebuilds all but 1e-4 of the variance', () => {
    const rows = factorRows(300);
    expect(lossOf(train(rows), rows) / meanSquare(rows)).toBeLessThan(1e-4);
  });

  it('with hidden layers rebuilds a bent surface better than a plane can', () => {
    const rows = factorRows(300, (value) => Math.tanh(3 * value));
    const plane = lossOf(train(rows), rows);
    const bent = lossOf(train(rows, { hidden: [16], epochs: 400 }), rows);
    expect(bent).toBeLessThan(0.7 * plane);
  });

  it.each<Partial<AutoencoderPlan>>([{ optimizer: 'sgd', learningRate: 0.3 }, { loss: 'mae' }, { shuffle: true }])(
    'learns with %o too',
    (changes) => {
      const rows = factorRows(200);
      const { epochs } = train(rows, { epochs: 100, ...changes });
      expect(epochs.at(-1)!.loss).toBeLessThan(0.2 * epochs[0]!.loss);
    },
  );

  it('gives the same bits for the same seed, and others for another one', () => {
    const rows = factorRows(100);
    const of = (seed: number) => train(rows, { epochs: 5, shuffle: true, hidden: [4], seed }).layers;
    expect(of(1)).toEqual(of(1));
    expect(of(2)).not.toEqual(of(1));
  });

  it('splits batches into blocks without changing what is learned', () => {
    const rows = factorRows(400);
    const { epochs } = train(rows, { batchSize: 65_536, epochs: 3 });
    // One step an epoch over all 360 rows: the first loss is that of the initial weights.
    const initial = train(rows, { batchSize: 65_536, epochs: 1, learningRate: 1e-12 });
    expect(epochs[0]!.loss).toBeCloseTo(
      reconstructionLoss(initial.layers, rows.subarray(0, 360 * COLUMNS), COLUMNS, 'mse'),
      9,
    );
  });

  it('holds out the last tenth, stops when its loss no longer falls and keeps the best weights', () => {
    const rows = factorRows(100);
    const uniform = seededUniform(1);
    // The tail is noise: what is learned of the rest soon makes it worse.
    for (let at = 90 * COLUMNS; at < rows.length; at++) rows[at] = 4 * (uniform() - 0.5);
    const trained = train(rows, { patience: 5, hidden: [8], epochs: 2_000 });
    expect(trained).toMatchObject({ fittedRows: 90, heldOutRows: 10, stopReason: 'early-stopping' });
    const losses = trained.epochs.map(({ validationLoss }) => validationLoss!);
    expect(losses).toHaveLength(trained.bestEpoch + 5);
    expect(Math.min(...losses)).toBe(losses[trained.bestEpoch - 1]);
    expect(lossOf(trained, rows.subarray(90 * COLUMNS))).toBe(losses[trained.bestEpoch - 1]);
  });

  it('holds nothing out of fewer than 50 rows', () => {
    const trained = train(factorRows(49), { epochs: 3 });
    expect(trained).toMatchObject({ fittedRows: 49, heldOutRows: 0, bestEpoch: 3 });
    expect(trained.epochs.map(({ validationLoss }) => validationLoss)).toEqual([null, null, null]);
  });

  it('keeps the best weights so far when it is stopped, those of the moment within the first epoch', () => {
    const rows = factorRows(1_000);
    expect(train(rows, {}, 1)).toMatchObject({ stopReason: 'budget', bestEpoch: 0, epochs: [] });
    const later = train(rows, {}, 40);
    expect(later.stopReason).toBe('budget');
    expect(later.epochs).toHaveLength(4);
    expect(later.bestEpoch).toBe(4);
  });

  it('says what to do when the loss leaves the numbers', () => {
    expect(() =>
      train(factorRows(100), { optimizer: 'sgd', learningRate: 10, hidden: [8], activation: 'leaky-relu' }),
    ).toThrow(
      /The autoencoder's loss became (Infinity|NaN) in epoch \d+ with a learning rate of 10: lower features.autoencoder.learningRate/,
    );
  });
});
