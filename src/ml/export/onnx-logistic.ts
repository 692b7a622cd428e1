import type { ModelState } from '../algorithms/algorithm.js';
import { columnCounts, readColumns } from '../algorithms/direction/logistic-columns.js';
import { add, softmax, subtract } from '../engine/graph/elementwise.js';
import type { GraphBuilder, SymbolicTensor } from '../engine/graph/graph-builder.js';
import { concat, reshape, slice, transpose } from '../engine/graph/movement.js';
import { expand } from '../engine/graph/reductions.js';
import { DIRECTIONS } from '../windows/direction-labels.js';
import type { BatchedBuild } from './free-batch.js';
import { doubleInput, gather, inSingle } from './onnx-doubles.js';

const CLASSES = DIRECTIONS.length;

/**
 * The map of `logistic`, in double precision, since its weights are for columns as they are, of any size: `window`
 * [rows, lookBack, columns] and, where covariates are used, `known_future` [rows, 1 + horizon, covariates] to
 * `probabilities` [rows, horizon, targets, 3].
 */
export function logisticProbabilities(state: ModelState): BatchedBuild {
  const columns = readColumns(state);
  const { series, features, changes, hasLevel, covariates } = columns;
  const { all, fixed } = columnCounts(columns);
  const { lookBack, horizon } = state;
  const targets = state.targets.length;
  const sums = targets * CLASSES;
  const weight = (target: number, step: number, one: number, column: number): number =>
    state.tensors[`weights/${target}`]!.data[(step * CLASSES + one) * (all + 1) + column]!;
  /** [horizon, columns, targets, classes] of columns `from` … `to` − 1. */
  const weights = (from: number, to: number): Float64Array => {
    const picked = new Float64Array(horizon * (to - from) * sums);
    let at = 0;
    for (let step = 0; step < horizon; step++) {
      for (let column = from; column < to; column++) {
        for (let target = 0; target < targets; target++) {
          for (let one = 0; one < CLASSES; one++) picked[at++] = weight(target, step, one, column);
        }
      }
    }
    return picked;
  };

  return (g, rows) => {
    const { input, values } = doubleInput(g, 'window', [rows, lookBack, state.inputs.length]);
    const future = covariates > 0 ? doubleInput(g, 'known_future', [rows, 1 + horizon, covariates]) : null;
    const row = fixedColumns(g, values, future?.values ?? null);
    let logits = expand(g, g.constant(weights(all, all + 1), [1, horizon, 1, sums]), [rows, horizon, 1, sums]);
    const addProduct = (read: SymbolicTensor, from: number, to: number): void => {
      const matrices = g.constant(weights(from, to), [horizon, to - from, sums]);
      logits = add(g, g.emit('MatMul', [read, matrices], [rows, horizon, 1, sums]), logits);
    };
    if (row !== null) addProduct(reshape(g, row, [rows, 1, 1, fixed]), 0, fixed);
    if (future !== null) {
      const ahead = slice(g, future.values, 1, 1, 1 + horizon);
      addProduct(reshape(g, ahead, [rows, horizon, 1, covariates]), fixed, all);
    }
    const probabilities = softmax(g, reshape(g, logits, [rows, horizon, targets, CLASSES]));
    return {
      inputs: future === null ? [input] : [input, future.input],
      weights: [],
      outputs: { probabilities: inSingle(g, probabilities) },
    };
  };

  /** What `writeFixedColumns` writes, [rows, fixed]; null for nothing. */
  function fixedColumns(g: GraphBuilder, window: SymbolicTensor, future: SymbolicTensor | null): SymbolicTensor | null {
    const rows = window.shape[0]!;
    const parts: SymbolicTensor[] = [];
    const own = transpose(g, gather(g, window, 2, series), [0, 2, 1]);
    const newest = (count: number, back: number): SymbolicTensor =>
      gather(
        g,
        own,
        2,
        Array.from({ length: count }, (_, n) => lookBack - 1 - back - n),
      );
    const ofSeries: SymbolicTensor[] = [];
    if (changes > 0) ofSeries.push(subtract(g, newest(changes, 0), newest(changes, 1)));
    if (hasLevel) ofSeries.push(newest(1, 0));
    if (ofSeries.length > 0) {
      parts.push(reshape(g, concat(g, ofSeries, 2), [rows, series.length * (changes + (hasLevel ? 1 : 0))]));
    }
    if (features.length > 0) {
      const last = reshape(g, slice(g, window, 1, lookBack - 1, lookBack), [rows, state.inputs.length]);
      parts.push(gather(g, last, 1, features));
    }
    if (future !== null) parts.push(reshape(g, slice(g, future, 1, 0, 1), [rows, covariates]));
    return parts.length === 0 ? null : concat(g, parts, 1);
  }
}
