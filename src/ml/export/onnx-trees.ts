import type { ModelState } from '../algorithms/algorithm.js';
import { boostedOrigin } from '../algorithms/boosting/boosting-origin.js';
import { interpolateQuantiles } from '../algorithms/boosting/interpolate-quantiles.js';
import { featureWidths, readPlan, statisticSpans, type FeaturePlan } from '../algorithms/boosting/sample-features.js';
import { numberFact, numbersFact, readOwnSeries } from '../algorithms/own-series.js';
import { add, divide, multiply, softmax, squareRoot, subtract } from '../engine/graph/elementwise.js';
import type { Attributes, GraphBuilder, SymbolicTensor } from '../engine/graph/graph-builder.js';
import { concat, reshape, slice, transpose } from '../engine/graph/movement.js';
import { expand } from '../engine/graph/reductions.js';
import type { FlatTree } from '../trees/flat-tree.js';
import type { BoostedTrees } from '../trees/gradient-boosting.js';
import type { BatchedBuild, BatchedGraph } from './free-batch.js';
import { doubleInput, gather, inDouble, inSingle } from './onnx-doubles.js';
import { quantileOutputs } from './onnx-quantiles.js';
import { treeAttributes } from './tree-attributes.js';

/** Nodes of all trees of one model in a file, at most: such a file has 100 MB. */
const MOST_NODES = 2_000_000;

/** Why a boosting model is no graph; null where it is one. */
export function whyNoTreeGraph(state: ModelState): string | null {
  if (state.facts['strategy'] === 'recursive') {
    return (
      'the recursive strategy feeds forecasts back in double precision, and the ONNX operator for trees gives single ' +
      'precision, which can end in other leaves; the strategy direct is written'
    );
  }
  const trees = boostedOrigin(state).flatMap(({ rounds }) => rounds.flat());
  const nodes = trees.reduce((sum, { columns, leaves }) => sum + columns.length + leaves.length, 0);
  return nodes <= MOST_NODES ? null : `its trees have ${nodes} nodes, and at most ${MOST_NODES} are written`;
}

/** Columns of a sample as the graph makes them: [rows, targets of the ensemble, …]. */
interface SampleParts {
  readonly g: GraphBuilder;
  readonly plan: FeaturePlan;
  readonly rows: number;
  readonly horizon: number;
  readonly targets: readonly number[];
  /** [rows, lookBack, columns]. */
  readonly window: SymbolicTensor;
  /** [rows, targets, lookBack], from the level. */
  readonly series: SymbolicTensor;
  /** [rows, rows of the window and the forecast, covariates]. */
  readonly future: SymbolicTensor | null;
}

/**
 * A boosting model as a graph: the columns of `FeaturePlan` made from `window` [rows, lookBack, columns] and, where
 * covariates are used, `known_future`, then its trees, then the level. All of it counts in double precision, in the order
 * in which `writeFixed` and `writeStep` count, and thresholds are doubles, too: every window of single-precision values
 * ends in the leaves that our own forecaster finds. Seasonal lags outside the window are NaN, as there, and go where the
 * trees send what is missing.
 */
export function treeForecast(state: ModelState): BatchedBuild {
  const plan = readPlan(state);
  const own = readOwnSeries(state);
  const levels = numbersFact(state, 'levels');
  const isDirection = state.task === 'direction';
  const { lookBack, horizon } = state;
  const all = state.targets.map((_, k) => k);
  const groups = state.facts['isShared'] === true ? [all] : all.map((k) => [k]);
  const each = Math.max(1, levels.length);
  const ensembles = boostedOrigin(state);
  if (ensembles.length !== groups.length * each) throw new Error(`${numberFact(state, 'ensembles')} ensembles`);
  const attributes = groups.map((_, at) => attributesOf(ensembles.slice(at * each, (at + 1) * each)));
  const knownRows = knownFutureRows(plan) + horizon;

  return (g, rows): BatchedGraph => {
    const { input, values } = doubleInput(g, 'window', [rows, lookBack, state.inputs.length]);
    const future = plan.covariates > 0 ? doubleInput(g, 'known_future', [rows, knownRows, plan.covariates]) : null;
    const made = groups.map((targets, at) => {
      const columns = targets.map((k) => own.columns[k]!);
      const scaled = add(
        g,
        multiply(g, gather(g, values, 2, columns), g.constant(pick(own.slopes, targets), [targets.length])),
        g.constant(pick(own.intercepts, targets), [targets.length]),
      );
      const whole = transpose(g, scaled, [0, 2, 1]);
      const level = plan.isNormalised ? slice(g, whole, 2, lookBack - 1, lookBack) : null;
      const series = level === null ? whole : subtract(g, whole, level);
      const parts: SampleParts = {
        g,
        plan,
        rows,
        horizon,
        targets,
        window: values,
        series,
        future: future?.values ?? null,
      };
      const { attributes: nodes, outputs } = attributes[at]!;
      const table = sampleTable(parts);
      const cells = rows * targets.length * horizon;
      const sums = g.emitUnshared('TreeEnsembleRegressor', [table], [cells, outputs], nodes, {
        domain: 'ai.onnx.ml',
        type: 'float32',
      });
      const shaped = reshape(g, inDouble(g, sums), [rows, targets.length, horizon, outputs]);
      const placed =
        level === null || isDirection ? shaped : add(g, shaped, reshape(g, level, [rows, targets.length, 1, 1]));
      return transpose(g, placed, [0, 2, 1, 3]);
    });
    const inputs = future === null ? [input] : [input, future.input];
    const outputs = concat(g, made, 2);
    if (isDirection) return { inputs, weights: [], outputs: { probabilities: inSingle(g, softmax(g, outputs)) } };
    if (levels.length === 0) {
      const forecast = inSingle(g, reshape(g, outputs, [rows, horizon, all.length]));
      return { inputs, weights: [], outputs: { forecast } };
    }
    const { forecast, quantiles } = quantileOutputs(
      g,
      outputs,
      (values) => interpolateQuantiles(values, levels, [0.5])[0]!,
    );
    return {
      inputs,
      weights: [],
      outputs: { forecast: inSingle(g, forecast), quantiles: inSingle(g, quantiles) },
    };
  };
}

/** Rows of `known_future` up to the origin: seasonal lags of covariates are read in the window. */
const knownFutureRows = ({ season, lookBack }: FeaturePlan): number => (season > 0 ? lookBack : 1);

const pick = (values: readonly number[], targets: readonly number[]): number[] => targets.map((k) => values[k]!);

const NO_TREE: FlatTree = {
  columns: new Int32Array(0),
  bins: new Uint8Array(0),
  thresholds: new Float64Array(0),
  missingLeft: new Uint8Array(0),
  left: new Int32Array(0),
  right: new Int32Array(0),
  gains: new Float32Array(0),
  leaves: new Float64Array(1),
};

/** Ensembles over the same columns as one: an output for each level, or for each class. */
function attributesOf(ensembles: readonly BoostedTrees[]): {
  readonly attributes: Attributes;
  readonly outputs: number;
} {
  const bases = ensembles.map(({ base }) => base);
  let outputs = 0;
  const trees = ensembles.flatMap(({ base, rounds }) => {
    const first = outputs;
    outputs += base.length;
    return rounds.flatMap((round) => round.map((tree, at) => ({ tree, output: first + at })));
  });
  const base = Float64Array.from(bases.flatMap((one) => [...one]));
  // A model that kept no round is its base; the operator wants a tree.
  return { attributes: treeAttributes(base, trees.length > 0 ? trees : [{ tree: NO_TREE, output: 0 }]), outputs };
}

/** [rows · targets · horizon, columns]. */
function sampleTable(parts: SampleParts): SymbolicTensor {
  const { g, plan, rows, horizon, targets } = parts;
  const { fixed, all } = featureWidths(plan);
  const count = targets.length;
  const columns: SymbolicTensor[] = [];
  const ofWindow = fixedColumns(parts);
  if (ofWindow.length > 0) {
    const joined = reshape(g, concat(g, ofWindow, 2), [rows, count, 1, fixed]);
    columns.push(expand(g, joined, [rows, count, horizon, fixed]));
  }
  columns.push(...stepColumns(parts));
  return reshape(g, concat(g, columns, 3), [rows * count * horizon, all]);
}

/** What `writeFixed` writes, each [rows, targets, …]. */
function fixedColumns({ g, plan, rows, targets, window, series, future }: SampleParts): SymbolicTensor[] {
  const { lookBack, lags, isNormalised, featureColumns, covariates } = plan;
  const count = targets.length;
  const columns: SymbolicTensor[] = [];
  const first = isNormalised ? 1 : 0;
  if (lags > first) {
    const places = Array.from({ length: lags - first }, (_, n) => lookBack - 1 - first - n);
    columns.push(gather(g, series, 2, places));
  }
  for (const span of statisticSpans(plan)) columns.push(...spanStatistics(g, series, span));
  if (featureColumns.length > 0) {
    const places = targets.flatMap((k) => featureColumns.map((of) => of[k]!));
    const last = reshape(g, slice(g, window, 1, lookBack - 1, lookBack), [rows, window.shape[2]!]);
    columns.push(reshape(g, gather(g, last, 1, places), [rows, count, featureColumns.length]));
  }
  if (future !== null) {
    const origin = knownFutureRows(plan) - 1;
    columns.push(expand(g, slice(g, future, 1, origin, origin + 1), [rows, count, covariates]));
  }
  if (plan.readsTarget) columns.push(expand(g, g.constant(targets, [1, count, 1]), [rows, count, 1]));
  return columns;
}

/** Mean and deviation of the last `span` rows, added up one after the other. */
function spanStatistics(g: GraphBuilder, series: SymbolicTensor, span: number): SymbolicTensor[] {
  const length = series.shape[2]!;
  const values = slice(g, series, 2, length - span, length);
  const total = (of: SymbolicTensor): SymbolicTensor => {
    const sums = g.emit('CumSum', [of, g.integers([2])], of.shape);
    return slice(g, sums, 2, span - 1, span);
  };
  const mean = divide(g, total(values), span);
  const spread = subtract(g, divide(g, total(multiply(g, values, values)), span), multiply(g, mean, mean));
  const isBelow = g.emit('Less', [spread, g.constant(0)], spread.shape, {}, { type: 'bool' });
  const positive = g.emit('Where', [isBelow, g.constant(0), spread], spread.shape);
  return [mean, squareRoot(g, positive)];
}

/** What `writeStep` writes for all steps, each [rows, targets, horizon, …]. */
function stepColumns({ g, plan, rows, horizon, targets, series, future }: SampleParts): SymbolicTensor[] {
  const { lookBack, season, seasons, covariates } = plan;
  const count = targets.length;
  const steps = Array.from({ length: horizon }, (_, h) => h + 1);
  const columns: SymbolicTensor[] = [];
  if (plan.readsStep) {
    columns.push(expand(g, g.constant(steps, [1, 1, horizon, 1]), [rows, count, horizon, 1]));
  }
  const wholeSeasons = (step: number): number => Math.ceil(step / season) * season;
  if (seasons > 0) {
    const places = steps.flatMap((step) =>
      Array.from({ length: seasons }, (_, n) => {
        const place = lookBack - 1 + step - wholeSeasons(step) - n * season;
        return place >= 0 ? place : lookBack;
      }),
    );
    const found = gather(g, withMissing(g, series, 2), 2, places);
    columns.push(reshape(g, found, [rows, count, horizon, seasons]));
  }
  if (future !== null) {
    const origin = knownFutureRows(plan) - 1;
    const length = future.shape[1]!;
    const places = steps.flatMap((step) => {
      if (season === 0) return [origin + step];
      const before = step - wholeSeasons(step);
      return [origin + step, before > -lookBack ? origin + before : length];
    });
    const perStep = places.length / horizon;
    const found = reshape(g, gather(g, withMissing(g, future, 1), 1, places), [rows, horizon, perStep, covariates]);
    // Of each covariate its value at the forecast row, then the one a season before.
    const ordered = reshape(g, transpose(g, found, [0, 1, 3, 2]), [rows, 1, horizon, covariates * perStep]);
    columns.push(expand(g, ordered, [rows, count, horizon, covariates * perStep]));
  }
  return columns;
}

/** One more element at the end of the axis, which is missing. */
function withMissing(g: GraphBuilder, x: SymbolicTensor, axis: number): SymbolicTensor {
  const shape = x.shape.map((extent, n) => (n === axis ? 1 : extent));
  const missing = expand(
    g,
    g.constant(
      Number.NaN,
      shape.map(() => 1),
    ),
    shape,
  );
  return concat(g, [x, missing], axis);
}
