import { TrainyardError } from '../../../common/errors/index.js';
import { DIRECTIONS } from '../../windows/direction-labels.js';
import type { Forecaster, ModelState } from '../algorithm.js';
import { columnCounts, readColumns, writeCovariates, writeFixedColumns } from './logistic-columns.js';
import { noValues } from './no-values.js';
import { softmaxInPlace } from './softmax.js';

/** Weights `weights/k` of target k: [horizon, classes, columns + 1], the intercept last, for columns as they are. */
export async function restoreLogistic(state: ModelState): Promise<Forecaster> {
  const columns = readColumns(state);
  const { all, fixed } = columnCounts(columns);
  const { horizon } = state;
  const targets = state.targets.length;
  const classes = DIRECTIONS.length;
  const weights = state.targets.map((_, target) => state.tensors[`weights/${target}`]!.data);
  return {
    forecast: noValues(state),
    async classProbabilities(inputs, origins, future) {
      if (columns.covariates > 0 && future?.columns.length !== columns.covariates) {
        throw new TrainyardError(
          'WINDOW_INVALID',
          `The model reads ${columns.covariates} known-future covariates, and ${future?.columns.length ?? 0} were given.`,
        );
      }
      const probabilities = new Float64Array(origins.length * horizon * targets * classes);
      const row = new Float64Array(all);
      let at = 0;
      for (const origin of origins) {
        writeFixedColumns(columns, inputs, future, origin, row, 0);
        for (let step = 1; step <= horizon; step++) {
          writeCovariates(columns, future, origin + step, row, fixed);
          for (let target = 0; target < targets; target++, at += classes) {
            for (let one = 0; one < classes; one++) {
              const first = ((step - 1) * classes + one) * (all + 1);
              let sum = weights[target]![first + all]!;
              for (let column = 0; column < all; column++) sum += weights[target]![first + column]! * row[column]!;
              probabilities[at + one] = sum;
            }
            softmaxInPlace(probabilities, at, classes);
          }
        }
      }
      return probabilities;
    },
    dispose() {},
  };
}
