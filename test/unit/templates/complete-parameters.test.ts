import { isTrainyardError, type TrainyardError } from '#src/common/errors/index.js';
import { completeParameters } from '#src/templates/resolve-template.js';
import { FIELD_PATHS, layFields, type Fields } from '#src/templates/parameter-fields.js';

const LIMITS = { horizon: 1_000, lookBack: 5_000, assets: 3 };
const MINIMAL = {
  data: { datasetId: 'dst_1', targets: ['EUR'] },
  algorithm: { name: 'seasonal-naive' },
};

function failure(change: object, limits = LIMITS): TrainyardError {
  try {
    completeParameters(layFields(MINIMAL, change as Fields), limits);
  } catch (error) {
    if (isTrainyardError(error)) return error;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(change)}`);
}

describe('defaults', () => {
  it('are those of the predecessors where they make sense', () => {
    const { gaps, features, windows, split, scaling, algorithm } = completeParameters(MINIMAL, LIMITS);
    expect(features.technicalAnalysis).toEqual({
      enabled: false,
      assets: 'all',
      sma: { enabled: true, window: 7 },
      ema: { enabled: true, window: 12 },
      rsi: { enabled: true, window: 14 },
      bollinger: { enabled: true, window: 20, deviations: 2 },
    });
    expect(features.arima).toEqual({
      enabled: false,
      assets: 'all',
      order: [5, 1, 0],
      search: false,
      window: 'expanding',
      windowRows: 250,
      minimumRows: 60,
      refitEvery: 20,
      failureFactor: 1.5,
      bridgeRows: 5,
    });
    expect(features.fourier).toEqual({
      enabled: false,
      assetClasses: ['FX', 'Index', 'Commodity', 'Futures', 'Fixed Income'],
      harmonics: [3, 6, 9, 100],
      window: 256,
      detrend: 'linear',
    });
    expect(features.autoencoder).toEqual({
      enabled: false,
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
    });
    expect(gaps).toEqual({
      largeShare: 0.1,
      imputation: 'forward-fill',
      neighbours: 100,
      classifier: { enabled: true },
    });
    expect(windows).toEqual({ lookBack: 30, horizon: 7, stride: 1, evaluationStride: null, halfLife: null });
    expect(split).toMatchObject({ by: 'ratio', validation: 0.15, test: 0.15, trainEnd: null });
    expect(scaling).toEqual({ inputs: 'standard', targets: 'standard' });
    expect(algorithm).toEqual({ name: 'seasonal-naive', hyperparameters: { seasonLength: 0 } });
  });

  it('give a backtest its fields only when one is asked for', () => {
    expect(completeParameters(MINIMAL, LIMITS).backtest).toBeNull();
    const asked = completeParameters({ ...MINIMAL, backtest: { windows: 3 } }, LIMITS);
    expect(asked.backtest).toEqual({ windows: 3, step: null, refit: false, trainRows: null });
    expect(completeParameters(asked, LIMITS)).toEqual(asked);
    expect(FIELD_PATHS).toEqual(expect.arrayContaining(['backtest.windows', 'backtest.refit']));
  });

  it('complete a template to one that completes to itself', () => {
    const once = completeParameters(MINIMAL, LIMITS);
    expect(completeParameters(once, LIMITS)).toEqual(once);
  });

  it('cover every field that the classes declare', () => {
    expect(FIELD_PATHS).toHaveLength(new Set(FIELD_PATHS).size);
    expect(FIELD_PATHS).toEqual(
      expect.arrayContaining([
        'data.datasetId',
        'data.targets',
        'gaps.classifier.enabled',
        'features.technicalAnalysis.bollinger.deviations',
        'algorithm.hyperparameters',
        'registration.model',
      ]),
    );
  });
});

describe('a field that does not fit its declaration', () => {
  const table: [path: string, value: unknown, message: string][] = [
    ['data.datasetId', '', 'datasetId should not be empty'],
    ['data.datasetId', 7, 'datasetId must be a string'],
    ['data.datasetVersion', 0, 'datasetVersion must not be less than 1'],
    ['data.datasetVersion', 1.5, 'datasetVersion must be an integer number'],
    ['data.targets', [], 'targets must be a list of different asset ids, at least one'],
    ['data.targets', 'EUR', 'targets must be a list of different asset ids, at least one'],
    ['data.targets', ['EUR', 'EUR'], 'targets must be a list of different asset ids, at least one'],
    ['data.targets', [1], 'targets must be a list of different asset ids, at least one'],
    ['data.baseAssets', 'targets', 'baseAssets must be one of "all", a list of different asset ids'],
    ['data.baseAssets', [], 'baseAssets must be one of "all", a list of different asset ids'],
    ['data.join', 'outer', 'join must be one of the following values: union, targets, intersection'],
    ['data.join', null, 'join must be one of the following values: union, targets, intersection'],
    [
      'data.start',
      '2021-02-30',
      'start must be a date such as 2018-01-01 or a time with its zone such as 2018-01-01T00:00:00Z',
    ],
    [
      'data.end',
      '2021-02-03T04:05:06',
      'end must be a date such as 2018-01-01 or a time with its zone such as 2018-01-01T00:00:00Z',
    ],
    ['gaps.largeShare', 1.1, 'largeShare must not be greater than 1'],
    ['gaps.largeShare', Number.NaN, 'largeShare must be a number conforming to the specified constraints'],
    [
      'gaps.largeShare',
      Number.POSITIVE_INFINITY,
      'largeShare must be a number conforming to the specified constraints',
    ],
    [
      'gaps.imputation',
      'best',
      'imputation must be one of the following values: forward-fill, trailing-median, seasonal, trend, kalman, linear, median, spline, kalman-smoother, auto',
    ],
    [
      'data.step',
      'P1M',
      'step must be "auto", seconds such as 600, or an ISO 8601 duration of weeks, days, hours, minutes and seconds such as PT10M, from a millisecond to 366 days',
    ],
    ['gaps.neighbours', 0, 'neighbours must not be less than 1'],
    ['gaps.classifier.enabled', 'yes', 'enabled must be a boolean value'],
    ['features.lags.assets', ['EUR', ''], 'assets must be one of "all", "targets", a list of different asset ids'],
    ['features.lags.lags', [], 'lags must contain at least 1 elements'],
    ['features.lags.lags', [0], 'each value in lags must not be less than 1'],
    ['features.lags.lags', 3, 'lags must be an array'],
    ['features.technicalAnalysis.sma.window', 0, 'window must not be less than 1'],
    ['features.technicalAnalysis.ema.window', 10_001, 'window must not be greater than 10000'],
    ['features.technicalAnalysis.rsi.window', 3.5, 'window must be an integer number'],
    ['features.technicalAnalysis.bollinger.window', 1, 'window must not be less than 2'],
    ['features.technicalAnalysis.bollinger.deviations', 0, 'deviations must not be less than 0.1'],
    ['features.arima.order', [5, 1], 'order must contain at least 3 elements'],
    ['features.arima.order', [5, -1, 0], 'each value in order must not be less than 0'],
    ['features.arima.trainShare', 0.8, 'there is no such field'],
    ['features.arima.window', 'all', 'window must be one of the following values: expanding, rolling'],
    ['features.fourier.harmonics', [0], 'each value in harmonics must not be less than 1'],
    ['features.autoencoder.optimizer', 'lbfgs', 'optimizer must be one of the following values: adam, sgd'],
    ['split.by', 'random', 'by must be one of the following values: ratio, date, windows'],
    ['split.test', 0, 'test must not be less than 0.01'],
    ['windows.lookBack', 0, 'lookBack must not be less than 1'],
    ['windows.lookBack', null, 'lookBack must be an integer number'],
    ['windows.horizon', 2.5, 'horizon must be an integer number'],
    ['windows.horizon', '7', 'horizon must be an integer number'],
    ['windows.stride', 1e300, 'stride must not be greater than 100000'],
    [
      'scaling.inputs',
      '',
      'inputs must be the name of a transform, or a list of 1 to 6 names or {transform, parameters}',
    ],
    [
      'scaling.targets',
      ['log', { transform: 'difference', lag: 2 }],
      'targets must be the name of a transform, or a list of 1 to 6 names or {transform, parameters}',
    ],
    ['algorithm.name', null, 'name must be a string'],
    ['algorithm.hyperparameters', [1], 'must be an object of fields'],
    [
      'algorithm.hyperparameters.seasonLength',
      { rows: 3 },
      'must be a number, true or false, a text or a list of numbers',
    ],
    [
      'features.fourier.assetClasses',
      ['FX', 'FX'],
      'assetClasses must be a list of different asset classes, at least one',
    ],
    ['training.seed', -1, 'seed must not be less than 0'],
    [
      'training.engine',
      'cpu',
      'engine must be one of the following values: auto, onnx, onnx-web, tfjs-node, tfjs-wasm',
    ],
    ['training.maxRuntimeSeconds', 0, 'maxRuntimeSeconds must not be less than 1'],
    ['evaluation.seasonLength', 0, 'seasonLength must not be less than 1'],
    ['evaluation.intervals', [0.8, 1], 'intervals must be a list of at most 10 different numbers from 0.01 to 0.999'],
    ['evaluation.intervals', [0.8, 0.8], 'intervals must be a list of at most 10 different numbers from 0.01 to 0.999'],
    ['registration.model', '-x', 'model must be letters, digits and inner hyphens, at most 63 of them'],
    ['gaps', 5, 'must be an object of fields'],
    ['windows', [], 'must be an object of fields'],
    ['split', null, 'must be an object of fields'],
    ['split.tset', 0.2, 'there is no such field'],
    ['features.technicalAnalysis.macd', { window: 3 }, 'there is no such field'],
    ['constructor', {}, 'there is no such field'],
  ];

  it.each(table)('%s = %j is refused', (path, value, message) => {
    const change = path.split('.').reduceRight<unknown>((inner, field) => ({ [field]: inner }), value);
    const error = failure(change as object);
    expect(error.code).toBe('VALIDATION_FAILED');
    const shown = typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    expect(error.details.errors).toEqual([{ path, value: shown, message }]);
    expect(error.message).toBe(`${path}: ${message}`);
  });

  it('is named together with all others', () => {
    const error = failure({
      windows: { horizon: 0, lookback: 3 },
      gaps: { neighbours: 'many' },
      data: { targets: [] },
    });
    const paths = (error.details.errors as { path: string }[]).map(({ path }) => path);
    expect(paths.sort()).toEqual(['data.targets', 'gaps.neighbours', 'windows.horizon', 'windows.lookback']);
  });

  it('cannot hide under __proto__', () => {
    const given = JSON.parse('{"data":{"datasetId":"d","targets":["a"]},"__proto__":{"windows":{}}}') as unknown;
    expect(() => completeParameters(given, LIMITS)).toThrow('__proto__: there is no such field');
  });

  it.each([null, undefined, 'x', 3, []])('is the whole when it is %j', (given) => {
    expect(() => completeParameters(given, LIMITS)).toThrow('parameters: must be an object of fields');
  });
});

describe('fields that are right by themselves', () => {
  const date = { by: 'date', trainEnd: '2018-01-01', validationEnd: '2019-01-01', testEnd: '2020-01-01' };
  const table: [name: string, change: object, code: string, path: string, message: string][] = [
    [
      'an unknown algorithm',
      { algorithm: { name: 'oracle' } },
      'ALGORITHM_UNKNOWN',
      'algorithm.name',
      'algorithm.name: There is no algorithm "oracle"',
    ],
    [
      'a hyperparameter out of range',
      { algorithm: { hyperparameters: { seasonLength: -1 } } },
      'PARAMETER_INVALID',
      'algorithm.hyperparameters.seasonLength',
      'algorithm.hyperparameters.seasonLength must be an integer in 0…100000, not -1',
    ],
    [
      'a hyperparameter of nobody',
      { algorithm: { hyperparameters: { depth: 3 } } },
      'PARAMETER_INVALID',
      'algorithm.hyperparameters.depth',
      'algorithm.hyperparameters.depth is not a parameter; use one of seasonLength',
    ],
    [
      'an unknown transform',
      { scaling: { targets: ['log', 'rank'] } },
      'TRANSFORM_UNKNOWN',
      'scaling.targets[1]',
      'scaling.targets[1]: there is no transform rank; use one of standard, min-max, robust',
    ],
    [
      'an end before a start',
      { data: { start: '2020-01-01', end: '2019-12-31' } },
      'RANGE_INVERTED',
      'data.end',
      'data.end 2019-12-31 must be after data.start 2020-01-01: exchange them, or leave one out',
    ],
    [
      'an end at the start, in another zone',
      { data: { start: '2020-01-01T00:00:00Z', end: '2020-01-01T02:00:00+02:00' } },
      'RANGE_INVERTED',
      'data.end',
      'must be after data.start',
    ],
    [
      'shares that leave no train part',
      { split: { validation: 0.7, test: 0.3 } },
      'PARAMETER_INVALID',
      'split.test',
      'split.validation 0.7 + split.test 0.3 must be at most 0.99: the rest is the train part',
    ],
    [
      'a validation part inside the train part',
      { split: { ...date, validationEnd: '2017-01-01' } },
      'TEST_INSIDE_TRAIN',
      'split.validationEnd',
      'split.validationEnd 2017-01-01 must be after split.trainEnd 2018-01-01',
    ],
    [
      'an empty validation part',
      { split: { ...date, validationEnd: '2018-01-01T00:00:00Z' } },
      'TEST_INSIDE_TRAIN',
      'split.validationEnd',
      'split.validationEnd 2018-01-01T00:00:00Z must be after split.trainEnd 2018-01-01',
    ],
    [
      'a test part inside the train part',
      { split: { ...date, testEnd: '2017-06-01' } },
      'TEST_INSIDE_TRAIN',
      'split.testEnd',
      'split.testEnd 2017-06-01 must be after split.validationEnd 2019-01-01',
    ],
    [
      'an empty train part',
      { split: date, data: { start: '2018-01-01' } },
      'RANGE_INVERTED',
      'split.trainEnd',
      'split.trainEnd 2018-01-01 must be after data.start 2018-01-01: the train part would be empty',
    ],
    [
      'an empty test part',
      { split: date, data: { end: '2018-06-01' } },
      'RANGE_INVERTED',
      'split.validationEnd',
      'split.validationEnd 2019-01-01 must not be after data.end 2018-06-01: the test part would be empty',
    ],
    [
      'features of an asset that does not go in',
      { data: { baseAssets: ['USD'] }, features: { lags: { assets: ['EUR', 'JPY'] } } },
      'PARAMETER_INVALID',
      'features.lags.assets',
      'features.lags.assets names JPY, which is neither in data.baseAssets nor in data.targets',
    ],
    [
      'a horizon over the limit',
      { windows: { horizon: 1_001 } },
      'LIMIT_EXCEEDED',
      'windows.horizon',
      'windows.horizon is 1001, and the limit of this installation is 1000: lower it, or ask the operator for a higher TRAINYARD_LIMIT_HORIZON',
    ],
    [
      'a look-back over the limit',
      { windows: { lookBack: 5_001 } },
      'LIMIT_EXCEEDED',
      'windows.lookBack',
      'windows.lookBack is 5001, and the limit of this installation is 5000',
    ],
    [
      'more assets than the limit',
      { data: { baseAssets: ['a', 'b', 'c', 'd'] } },
      'LIMIT_EXCEEDED',
      'data.baseAssets',
      'data.baseAssets is 4, and the limit of this installation is 3',
    ],
  ];

  it.each(table)('are refused together: %s', (_name, change, code, path, message) => {
    const error = failure(change);
    expect([error.code, error.details.path]).toEqual([code, path]);
    expect(error.message).toContain(message);
  });

  it.each([
    [
      'ratio',
      { split: { trainEnd: '2018-01-01' } },
      'split.trainEnd',
      'is not used when split.by is ratio: leave it out',
    ],
    ['date', { split: { ...date, test: 0.3 } }, 'split.test', 'is not used when split.by is date: leave it out'],
    ['date', { split: { ...date, trainEnd: null } }, 'split.trainEnd', 'is required when split.by is date'],
  ])('are refused where a split by %s would ignore or miss them: %j', (_by, change, path, message) => {
    const error = failure(change);
    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.details.errors).toEqual([expect.objectContaining({ path, message })]);
  });

  it('are accepted where they agree', () => {
    const parameters = completeParameters(
      layFields(MINIMAL, { split: { ...date, testEnd: null }, data: { start: '2010-01-01', end: '2019-01-02' } }),
      LIMITS,
    );
    expect(parameters.split).toMatchObject({ ...date, testEnd: null, validation: 0.15, test: 0.15 });
  });
});

describe('a split by windows', () => {
  it.each([
    [{ testWindows: 9 }, 'split.testWindows', 'is not used when split.by is ratio: leave it out'],
    [{ by: 'windows', test: 0.3 }, 'split.test', 'is not used when split.by is windows: leave it out'],
  ])('keeps the fields of other splits out: %j', (split, path, message) => {
    const { code, details } = failure({ split });
    expect(code).toBe('VALIDATION_FAILED');
    expect(JSON.stringify(details)).toContain(path);
    expect(JSON.stringify(details)).toContain(message);
  });
});
