import fc from 'fast-check';
import { plannedColumnNames } from '#src/ml/processing/compute-features.js';
import { completeParameters } from '#src/templates/resolve-template.js';
import type { BuilderData } from '#src/training/planned-assets.js';
import { ProcessingBuilder } from '#src/training/processing-builder.js';

const DATA: BuilderData = {
  name: 'prices',
  assets: [
    { id: 'MSFT', assetClass: 'Equity', columns: ['close', 'volume'] },
    { id: 'IBM', assetClass: 'Equity', columns: ['close'] },
    { id: 'GSPC', assetClass: 'Index', columns: ['level', 'close'] },
  ],
};
const LIMITS = { assets: 10, columns: 14, lookBack: 500, horizon: 100 };
const DAY_MS = 86_400_000;

function builder(data: BuilderData = DATA): ProcessingBuilder {
  return ProcessingBuilder.for(data, LIMITS).targets(['MSFT']).windows({ lookBack: 30, horizon: 5, stride: 1 });
}

describe('ProcessingBuilder', () => {
  it('fills in every default', () => {
    expect(builder().build()).toEqual({
      format: 1,
      assets: [
        { id: 'MSFT', assetClass: 'Equity', column: 'close' },
        { id: 'IBM', assetClass: 'Equity', column: 'close' },
        { id: 'GSPC', assetClass: 'Index', column: 'level' },
      ],
      targets: ['MSFT'],
      axis: { join: 'union', start: null, end: null },
      gaps: { largeShare: 0.1, imputation: 'forward-fill', neighbours: 100 },
      features: [],
      split: { by: 'ratio', validation: 0.15, test: 0.15 },
      windows: { lookBack: 30, horizon: 5, stride: 1 },
      scaling: { inputs: 'standard', targets: 'standard' },
      seasonLength: null,
    });
  });

  it('makes the classes of assets constant columns, 1 for those of a class and 0 for the others', () => {
    const assets = [
      ...DATA.assets,
      { id: 'TB10', assetClass: 'Fixed Income', columns: ['close'] },
      { id: 'OTHER', assetClass: null, columns: ['close'] },
    ];
    const { features } = ProcessingBuilder.for({ ...DATA, assets }, { ...LIMITS, columns: 50 })
      .targets(['MSFT'])
      .windows({ lookBack: 30, horizon: 5, stride: 1 })
      .assetClass()
      .build();
    expect(features).toEqual([
      { step: 'constant', parameters: { label: 'class_Equity', value: 1 }, assets: ['MSFT', 'IBM'] },
      { step: 'constant', parameters: { label: 'class_Equity', value: 0 }, assets: ['GSPC', 'TB10', 'OTHER'] },
      { step: 'constant', parameters: { label: 'class_Fixed_Income', value: 1 }, assets: ['TB10'] },
      {
        step: 'constant',
        parameters: { label: 'class_Fixed_Income', value: 0 },
        assets: ['MSFT', 'IBM', 'GSPC', 'OTHER'],
      },
      { step: 'constant', parameters: { label: 'class_Index', value: 1 }, assets: ['GSPC'] },
      { step: 'constant', parameters: { label: 'class_Index', value: 0 }, assets: ['MSFT', 'IBM', 'TB10', 'OTHER'] },
    ]);
    expect(() => builder().baseAssets(['IBM']).assetClass().build()).toThrow(
      'features.assetClass tells classes apart, and all base assets are of the class Equity: give the assets classes',
    );
  });

  it('takes what it is told, resolves parameters and assets, and gives plain JSON', () => {
    const plan = builder()
      .targets(['GSPC', 'MSFT'])
      .baseAssets(['IBM'])
      .column('close')
      .join('targets')
      .range(0, 100 * DAY_MS)
      .gaps({ imputation: 'trailing-median', neighbours: 20 })
      .feature('sma', { window: 5 }, { assets: 'targets' })
      .feature('rsi', {}, { assets: ['IBM'] })
      .feature('calendar')
      .split({ by: 'date', trainEnd: 60 * DAY_MS, validationEnd: 80 * DAY_MS, testEnd: null })
      .scaling({ inputs: 'min-max', targets: 'none' })
      .seasonLength(5)
      .build();
    expect(plan.assets.map(({ id, column }) => `${id}/${column}`)).toEqual(['MSFT/close', 'IBM/close', 'GSPC/close']);
    expect(plan.targets).toEqual(['GSPC', 'MSFT']);
    expect(plan.features).toEqual([
      { step: 'sma', parameters: { window: 5 }, assets: ['MSFT', 'GSPC'] },
      { step: 'rsi', parameters: { window: 14 }, assets: ['IBM'] },
      { step: 'calendar', parameters: {}, assets: [] },
    ]);
    expect(plan.gaps).toEqual({ largeShare: 0.1, imputation: 'trailing-median', neighbours: 20 });
    expect(plan.seasonLength).toBe(5);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it('takes a step as often as wanted, each with its own windows, and gives each column once', () => {
    const plan = ProcessingBuilder.fromTemplate(
      completeParameters(
        {
          data: { datasetId: 'd', targets: ['MSFT'], baseAssets: ['MSFT'], column: 'close' },
          features: {
            steps: [
              ...[5, 20, 50].map((window) => ({ step: 'sma', parameters: { window } })),
              { step: 'macd' },
              { step: 'obv', assets: ['MSFT'] },
            ],
          },
          algorithm: { name: 'ridge' },
        },
        LIMITS,
      ),
      DATA,
      LIMITS,
    );
    expect(plan.features.flatMap(plannedColumnNames)).toEqual(
      ['SMA_5', 'SMA_20', 'SMA_50', 'MACD_12_26_9', 'MACD_Signal_12_26_9', 'MACD_Hist_12_26_9', 'OBV'].map(
        (name) => `MSFT_${name}`,
      ),
    );
  });

  it('refuses a step whose columns an asset does not have, before anything runs', () => {
    expect(() =>
      builder()
        .feature('atr', {}, { assets: ['IBM'] })
        .build(),
    ).toThrow(
      expect.objectContaining({
        code: 'COLUMN_UNKNOWN',
        message:
          'Feature step atr needs the columns high and low of asset IBM, which has close: import them, or leave the step out for this asset',
      }) as Error,
    );
    expect(builder().feature('atr', { source: 'close' }).build().features).toHaveLength(1);
  });

  it('gives the same plan whatever the order of the base assets', () => {
    const orders = fc.shuffledSubarray(['MSFT', 'IBM', 'GSPC'], { minLength: 3 });
    const expected = builder().baseAssets(['MSFT', 'IBM', 'GSPC']).feature('ema', { window: 3 }).build();
    fc.assert(
      fc.property(orders, (ids) => {
        expect(builder().baseAssets(ids).feature('ema', { window: 3 }, { assets: ids }).build()).toEqual(expected);
      }),
    );
  });

  it.each<[string, () => unknown, string, string]>([
    [
      'an unknown target',
      () => builder().targets(['AAPL']),
      'ASSET_UNKNOWN',
      'no asset "AAPL"; it has MSFT, IBM, GSPC',
    ],
    ['an unknown base asset', () => builder().baseAssets(['AAPL']), 'ASSET_UNKNOWN', '"AAPL"'],
    ['no target', () => builder().targets([]), 'PARAMETER_INVALID', 'data.targets=[] needs at least one asset'],
    ['a target twice', () => builder().targets(['IBM', 'IBM']), 'PARAMETER_INVALID', 'names an asset twice'],
    ['a column that no asset has', () => builder().column('open'), 'COLUMN_UNKNOWN', 'close, volume, level'],
    [
      'a column that one asset lacks',
      () => builder().column('volume').build(),
      'COLUMN_UNKNOWN',
      'Asset IBM has no column',
    ],
    ['an unknown feature step', () => builder().feature('zigzag'), 'FEATURE_STEP_UNKNOWN', 'zigzag'],
    [
      'a feature parameter out of range',
      () => builder().feature('sma', { window: -1 }),
      'PARAMETER_INVALID',
      'features.sma.window',
    ],
    [
      'an unknown feature parameter',
      () => builder().feature('sma', { size: 3 }),
      'PARAMETER_INVALID',
      'features.sma.size',
    ],
    [
      'a feature of an asset that is not an input',
      () =>
        builder()
          .baseAssets(['IBM'])
          .feature('sma', {}, { assets: ['GSPC'] })
          .build(),
      'ASSET_UNKNOWN',
      'asset GSPC, which is not among the base assets',
    ],
    [
      'two columns of one name',
      () => builder().feature('sma', { window: 7 }).feature('sma', { window: 7 }, { assets: 'targets' }).build(),
      'PARAMETER_INVALID',
      'makes a column that exists already',
    ],
    ['an unknown transform', () => builder().scaling({ inputs: 'rank', targets: 'none' }), 'TRANSFORM_UNKNOWN', 'rank'],
    [
      'a look-back over the limit',
      () => builder().windows({ lookBack: 501, horizon: 5, stride: 1 }),
      'LIMIT_EXCEEDED',
      'windows.lookBack asks for 501 rows, the limit is 500: ask for fewer, or raise TRAINYARD_LIMIT_LOOK_BACK',
    ],
    [
      'a horizon over the limit',
      () => builder().windows({ lookBack: 5, horizon: 101, stride: 1 }),
      'LIMIT_EXCEEDED',
      'windows.horizon asks for 101 rows, the limit is 100',
    ],
    [
      'more columns than the limit',
      () =>
        builder()
          .feature('lags', { lags: [1, 2, 3, 4] })
          .build(),
      'LIMIT_EXCEEDED',
      'features asks for 15 input columns, the limit is 14',
    ],
    [
      'a fractional stride',
      () => builder().windows({ lookBack: 5, horizon: 1, stride: 1.5 }),
      'PARAMETER_INVALID',
      'windows.stride=1.5',
    ],
    [
      'a share above 1',
      () => builder().gaps({ largeShare: 1.1 }),
      'PARAMETER_INVALID',
      'gaps.largeShare=1.1 must be from 0 to 1',
    ],
    [
      'an end before the start',
      () => builder().range(2 * DAY_MS, DAY_MS),
      'RANGE_INVERTED',
      'data.end=1970-01-02T00:00:00.000Z must be later than data.start=1970-01-03T00:00:00.000Z',
    ],
    [
      'a test window that begins in the train window',
      () => builder().split({ by: 'date', trainEnd: 5 * DAY_MS, validationEnd: 4 * DAY_MS, testEnd: null }),
      'TEST_INSIDE_TRAIN',
      'split.trainEnd=1970-01-06T00:00:00.000Z < split.validationEnd=1970-01-05T00:00:00.000Z',
    ],
    [
      'an empty validation part',
      () => builder().split({ by: 'date', trainEnd: 5 * DAY_MS, validationEnd: 5 * DAY_MS, testEnd: null }),
      'TEST_INSIDE_TRAIN',
      'The parts must follow each other',
    ],
    [
      'a test part that ends before it begins',
      () => builder().split({ by: 'date', trainEnd: 5 * DAY_MS, validationEnd: 7 * DAY_MS, testEnd: 6 * DAY_MS }),
      'TEST_INSIDE_TRAIN',
      '< split.testEnd=1970-01-07T00:00:00.000Z',
    ],
    [
      'a train part before the data',
      () =>
        builder()
          .range(9 * DAY_MS, null)
          .split({ by: 'date', trainEnd: 5 * DAY_MS, validationEnd: 7 * DAY_MS, testEnd: null })
          .build(),
      'RANGE_INVERTED',
      'split.trainEnd=1970-01-06T00:00:00.000Z must be later than data.start',
    ],
    [
      'shares that leave no train part',
      () => builder().split({ by: 'ratio', validation: 0.5, test: 0.5 }),
      'PARAMETER_INVALID',
      'must leave rows to the train part',
    ],
    [
      'windows that were never set',
      () => ProcessingBuilder.for(DATA, LIMITS).targets(['IBM']).build(),
      'PARAMETER_INVALID',
      'windows=null needs look-back, horizon and stride',
    ],
  ])('refuses %s', (_, build, code, message) => {
    expect(build).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as unknown }) as Error,
    );
  });

  describe('with an autoencoder', () => {
    const asked = {
      units: null,
      hidden: [16],
      activation: 'tanh',
      series: false,
      replaces: true,
      optimizer: 'adam',
      loss: 'mse',
      epochs: 460,
      batchSize: 256,
      shuffle: false,
      learningRate: 1e-3,
      patience: 40,
      minimumChange: 1e-5,
      seed: 42,
    } as const;

    it('plans a quarter of the columns as its code', () => {
      const plan = builder().feature('sma').feature('rsi').autoencoder(asked).build();
      expect(plan.autoencoder).toEqual({ ...asked, units: 2 });
      expect(builder().feature('sma').build()).not.toHaveProperty('autoencoder');
    });

    it('refuses a code that is not narrower than its input', () => {
      expect(() =>
        builder()
          .feature('sma')
          .autoencoder({ ...asked, units: 3 })
          .build(),
      ).toThrow('features.autoencoder.units=3 must be fewer than the 3 columns it compresses');
      expect(() => builder().autoencoder(asked).build()).toThrow('must be fewer than the 0 columns it compresses');
      expect(
        builder()
          .autoencoder({ ...asked, series: true })
          .build().autoencoder?.units,
      ).toBe(1);
    });

    it('counts its columns among the inputs, and lets no asset have their name', () => {
      const many = () =>
        builder()
          .feature('bollinger')
          .autoencoder({ ...asked, units: 8 })
          .build();
      expect(many).toThrow('the limit is 14');
      const data = { ...DATA, assets: [...DATA.assets, { id: 'AE_1', assetClass: null, columns: ['close'] }] };
      expect(() => builder(data).feature('sma').autoencoder(asked).build()).toThrow(
        'features.autoencoder="AE_1" makes a column that exists already',
      );
    });
  });
});

describe('assets by class', () => {
  const path = 'features.fourier.assetClasses';
  const chosen = (assetClasses: readonly string[], isDefault: boolean, data: BuilderData = DATA) =>
    builder(data)
      .feature('fourier', { harmonics: [3] }, { assets: { assetClasses, isDefault, path } })
      .build().features[0]!.assets;
  const unclassed = { ...DATA, assets: DATA.assets.map((asset) => ({ ...asset, assetClass: null })) };

  it('are those of the classes; of defaults also where the data lacks some, and all where it lacks every one', () => {
    expect(chosen(['Index'], false)).toEqual(['GSPC']);
    expect(chosen(['FX', 'Index'], true)).toEqual(['GSPC']);
    expect(chosen(['FX'], true)).toEqual(['MSFT', 'IBM', 'GSPC']);
    expect(chosen(['FX'], true, unclassed)).toEqual(['MSFT', 'IBM', 'GSPC']);
  });

  it('of a class that was asked for and is none of the data are refused', () => {
    expect(() => chosen(['Index', 'FX'], false)).toThrow(
      'features.fourier.assetClasses names FX, the class of no base asset; they have Equity, Index',
    );
    expect(() => chosen(['FX'], false, unclassed)).toThrow(
      'they have no classes: give them some at the import, or leave this field out for all assets',
    );
  });
});
