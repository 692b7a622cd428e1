import type { TrainyardConfig } from '../common/config/index.js';
import { TrainyardError } from '../common/errors/index.js';
import { validationFailed, type FieldError } from '../common/http/index.js';
import { ALGORITHMS } from '../ml/algorithms/algorithms.js';
import { readTopology } from '../ml/algorithms/neural/layer-topology.js';
import { tfjsLayers } from '../ml/algorithms/tfjs-layers.js';
import { DEFAULTS } from './check-fields.js';
import { flattenFields } from './parameter-fields.js';
import type { AssetSelection, TemplateParameters } from './template-parameters.js';

export type TemplateLimits = Pick<TrainyardConfig['limits'], 'assets' | 'horizon' | 'lookBack'>;

/** The fields of `split` that each way of splitting uses; the others must keep their defaults. */
export const SPLIT_FIELDS = {
  ratio: ['split.validation', 'split.test'],
  date: ['split.trainEnd', 'split.validationEnd', 'split.testEnd'],
  windows: ['split.testWindows', 'split.validationWindows'],
} as const;

/** Of validation and test together. */
const MAXIMUM_SHARES = 0.99;

/** What the fields ask of each other, one code for each kind of disagreement. Every field is right by itself. */
export function assertFieldsAgree(parameters: TemplateParameters, limits: TemplateLimits): void {
  assertSplitFieldsUsed(parameters);
  assertRange(parameters);
  if (parameters.split.by === 'ratio') assertShares(parameters);
  if (parameters.split.by === 'date') assertDates(parameters);
  assertSelectedAssets(parameters);
  assertKnownFuture(parameters);
  assertWarmStart(parameters);
  assertNotTrained(parameters);
  assertTopology(parameters);
  assertBacktest(parameters);
  assertWithin(limits, parameters);
}

/** A value that the chosen way of splitting would ignore is refused, unless it is the default anyway. */
function assertSplitFieldsUsed(parameters: TemplateParameters): void {
  const { by } = parameters.split;
  const unused = Object.entries(SPLIT_FIELDS).flatMap(([way, fields]) => (way === by ? [] : [...fields]));
  const values = flattenFields(parameters);
  const defaults = flattenFields(DEFAULTS);
  const errors: FieldError[] = unused
    .filter((path) => values.get(path) !== defaults.get(path))
    .map((path) => ({ path, value: values.get(path), message: `is not used when split.by is ${by}: leave it out` }));
  if (by === 'date') {
    const missing = SPLIT_FIELDS.date.filter((path) => path !== 'split.testEnd' && values.get(path) === null);
    errors.push(...missing.map((path) => ({ path, value: null, message: 'is required when split.by is date' })));
  }
  if (errors.length > 0) throw validationFailed(errors);
}

function assertRange({ data }: TemplateParameters): void {
  if (data.start === null || data.end === null || Date.parse(data.start) < Date.parse(data.end)) return;
  throw new TrainyardError(
    'RANGE_INVERTED',
    `data.end ${data.end} must be after data.start ${data.start}: exchange them, or leave one out`,
    { path: 'data.end', value: data.end, start: data.start },
  );
}

function assertShares({ split }: TemplateParameters): void {
  const sum = split.validation + split.test;
  // Compared as decimals: in binary, sums such as 0.69 + 0.3 are not quite what they say.
  if (Math.round(sum * 1e9) <= Math.round(MAXIMUM_SHARES * 1e9)) return;
  throw new TrainyardError(
    'PARAMETER_INVALID',
    `split.validation ${split.validation} + split.test ${split.test} must be at most ${MAXIMUM_SHARES}: the rest is the train part`,
    { path: 'split.test', value: split.test, validation: split.validation, limit: MAXIMUM_SHARES },
  );
}

/** train < validation < test, strictly, and each part inside the range of the data. */
function assertDates({ data, split }: TemplateParameters): void {
  const bounds = [
    { path: 'data.start', time: data.start },
    { path: 'split.trainEnd', time: split.trainEnd },
    { path: 'split.validationEnd', time: split.validationEnd },
    { path: 'split.testEnd', time: split.testEnd },
  ].filter((bound): bound is { path: string; time: string } => bound.time !== null);
  for (const [at, bound] of bounds.entries()) {
    const before = bounds[at - 1];
    if (before === undefined || Date.parse(before.time) < Date.parse(bound.time)) continue;
    const inverted = before.path === 'data.start';
    throw new TrainyardError(
      inverted ? 'RANGE_INVERTED' : 'TEST_INSIDE_TRAIN',
      `${bound.path} ${bound.time} must be after ${before.path} ${before.time}: ${
        inverted ? 'the train part would be empty' : 'a part that begins before the one before it ends sees its answers'
      }`,
      { path: bound.path, value: bound.time, after: before.path, limit: before.time },
    );
  }
  if (data.end === null || split.validationEnd === null || Date.parse(split.validationEnd) <= Date.parse(data.end)) {
    return;
  }
  throw new TrainyardError(
    'RANGE_INVERTED',
    `split.validationEnd ${split.validationEnd} must not be after data.end ${data.end}: the test part would be empty`,
    { path: 'split.validationEnd', value: split.validationEnd, limit: data.end },
  );
}

/** Features can be made only of assets that go in. */
function assertSelectedAssets({ data, features }: TemplateParameters): void {
  if (data.baseAssets === 'all') return;
  const going = new Set([...data.baseAssets, ...data.targets]);
  const selections: readonly (readonly [string, AssetSelection])[] = [
    ['features.lags.assets', features.lags.assets],
    ['features.technicalAnalysis.assets', features.technicalAnalysis.assets],
    ['features.arima.assets', features.arima.assets],
    ['features.knownFuture.assets', features.knownFuture.assets],
    ...features.steps.flatMap(({ assets, references }, at): (readonly [string, AssetSelection])[] => [
      [`features.steps[${at}].assets`, assets],
      [`features.steps[${at}].references`, references],
    ]),
  ];
  for (const [path, selection] of selections) {
    const stranger = typeof selection === 'string' ? undefined : selection.find((asset) => !going.has(asset));
    if (stranger === undefined) continue;
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `${path} names ${stranger}, which is neither in data.baseAssets nor in data.targets: add it to data.baseAssets`,
      { path, value: stranger, known: [...going] },
    );
  }
}

/** What is forecast is not known in advance. */
function assertKnownFuture({ data, features }: TemplateParameters): void {
  const target = features.knownFuture.assets.find((asset) => data.targets.includes(asset));
  if (target === undefined) return;
  throw new TrainyardError(
    'PARAMETER_INVALID',
    `features.knownFuture.assets names ${target}, which is forecast and so not known in advance: leave it out here or in data.targets`,
    { path: 'features.knownFuture.assets', value: target, targets: data.targets },
  );
}

/** One origin, of an algorithm that can go on from one. */
function assertWarmStart({ algorithm, backtest, training: { warmStart } }: TemplateParameters): void {
  const { model, version, execution } = warmStart;
  const path = 'training.warmStart';
  if (model === null && execution === null && version === null) return;
  if (model !== null && execution !== null) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `${path} names model ${model} and execution ${execution}: name one of them, and set the other to null`,
      { path, value: warmStart },
    );
  }
  if (model === null && version !== null) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `${path}.version is ${version}, and ${path}.model is missing: name the model, or leave the version out`,
      { path: `${path}.version`, value: version },
    );
  }
  if (backtest?.refit === true) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `backtest.refit trains as it would have been at earlier times, when the model of ${path} was not there: set backtest.refit to false, or leave ${path} out`,
      { path: 'backtest.refit', value: true },
    );
  }
  const able = ALGORITHMS.filter((candidate) => candidate.warmStart !== undefined).map(({ name }) => name);
  if (able.includes(algorithm.name)) return;
  throw new TrainyardError(
    'PARAMETER_INVALID',
    `${algorithm.name} cannot go on from a trained model: leave ${path} out, or choose one of ${able.join(', ')}`,
    { path, value: warmStart, algorithm: algorithm.name, able },
  );
}

/** What is trained already is what it is: it cannot be trained as it would have been at an earlier time. */
function assertNotTrained({ algorithm, backtest }: TemplateParameters): void {
  const { combines, imports } = ALGORITHMS.find(({ name }) => name === algorithm.name) ?? {};
  if ((!combines && !imports) || backtest?.refit !== true) return;
  throw new TrainyardError(
    'PARAMETER_INVALID',
    `backtest.refit trains as it would have been at earlier times, and ${algorithm.name} ${combines ? 'combines models that are' : 'is a model that is'} trained already: set backtest.refit to false`,
    { path: 'backtest.refit', value: true, algorithm: algorithm.name },
  );
}

/** What of the user's layers can be told before the columns of the window are known. */
function assertTopology({ algorithm }: TemplateParameters): void {
  const topology = algorithm.name === tfjsLayers.name ? algorithm.hyperparameters['topology'] : undefined;
  if (typeof topology === 'string' && topology.trim() !== '') readTopology(topology);
}

/** What can be told without the rows; the others are counted when the data is there. */
function assertBacktest({ backtest, split, windows }: TemplateParameters): void {
  if (backtest === null || backtest === undefined) return;
  const { trainRows, refit } = backtest;
  const needed = windows.lookBack + windows.horizon;
  if (trainRows !== null && !refit) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `backtest.trainRows ${trainRows} is the length of a refit: set backtest.refit to true, or leave it out`,
      { path: 'backtest.trainRows', value: trainRows, refit },
    );
  }
  if (trainRows !== null && trainRows < needed) {
    throw new TrainyardError(
      'BACKTEST_DOES_NOT_FIT',
      `backtest.trainRows ${trainRows} is less than one window, windows.lookBack ${windows.lookBack} + windows.horizon ${windows.horizon}: raise it to more than ${needed}`,
      { path: 'backtest.trainRows', value: trainRows, limit: needed },
    );
  }
  if (split.by !== 'windows') return;
  const step = backtest.step ?? windows.horizon;
  const gap = split.purge + split.embargo;
  const rows = windows.horizon * (split.testWindows + (refit ? split.validationWindows : 0)) + (refit ? gap : 0);
  const fitting = rows < windows.horizon ? 0 : Math.floor((rows - windows.horizon) / step) + 1;
  if (backtest.windows <= fitting) return;
  throw new TrainyardError(
    'BACKTEST_DOES_NOT_FIT',
    `backtest.windows ${backtest.windows} with a step of ${step} rows needs ${windows.horizon + (backtest.windows - 1) * step} rows, and split.testWindows ${split.testWindows}${refit ? ` with split.validationWindows ${split.validationWindows}` : ''} of ${windows.horizon} rows hold ${fitting}: ask for fewer, a smaller backtest.step or more split.testWindows`,
    { path: 'backtest.windows', value: backtest.windows, limit: fitting, step, rows },
  );
}

function assertWithin(limits: TemplateLimits, { data, windows }: TemplateParameters): void {
  const measured: readonly (readonly [string, string, number, number])[] = [
    ['windows.horizon', 'TRAINYARD_LIMIT_HORIZON', windows.horizon, limits.horizon],
    ['windows.lookBack', 'TRAINYARD_LIMIT_LOOK_BACK', windows.lookBack, limits.lookBack],
    ['data.targets', 'TRAINYARD_LIMIT_ASSETS', data.targets.length, limits.assets],
    [
      'data.baseAssets',
      'TRAINYARD_LIMIT_ASSETS',
      data.baseAssets === 'all' ? 0 : data.baseAssets.length,
      limits.assets,
    ],
  ];
  for (const [path, variable, value, limit] of measured) {
    if (value <= limit) continue;
    throw new TrainyardError(
      'LIMIT_EXCEEDED',
      `${path} is ${value}, and the limit of this installation is ${limit}: lower it, or ask the operator for a higher ${variable}`,
      { path, value, limit, variable },
    );
  }
}
