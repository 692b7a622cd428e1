import { TrainyardError } from '../../common/errors/index.js';
import type { PositionalTransform } from './transform.js';

/**
 * z[t] = ln(x[t] / x[t − 1]): the growth from row to row, which adds up over time and is of one size for cheap and dear
 * assets. Inverse after an origin o: x[o + h] = x[o]·exp(z[o + 1] + … + z[o + h]).
 *
 * Only positive values have one: a train part with another is refused with PARAMETER_INVALID. A later value that is not
 * positive counts as missing: its own row and the next one are NaN, and windows over them are left out. The first row is
 * NaN. For series that touch zero the chain log, difference has a rule. Source: Campbell, Lo & MacKinlay, "The
 * Econometrics of Financial Markets", 1997, section 1.4.
 */
export const logReturn: PositionalTransform = {
  kind: 'positional',
  name: 'log-return',
  title: 'Log return',
  description: 'The logarithm of the growth since the row before, for prices and other positive series.',
  parameters: {},
  appliesTo: 'series',
  fit({ times, values }, _parameters, { column }) {
    const row = values.findIndex((value) => value <= 0);
    if (row < 0) return {};
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `${column} is ${values[row]!} at ${new Date(times[row]!).toISOString()}, and log-return needs positive values: use the chain log, difference, which shifts such series above zero`,
      { path: 'scaling', column, value: values[row] },
    );
  },
  transform({ values }) {
    return values.map((value, row) => {
      const before = row === 0 ? NaN : values[row - 1]!;
      // The difference of logarithms: a quotient of extreme values overflows.
      return value > 0 && before > 0 ? Math.log(value) - Math.log(before) : NaN;
    });
  },
  inverseAfter(future, { values }, origin) {
    const last = values[origin] ?? NaN;
    let growth = 0;
    return future.map((value) => last * Math.exp((growth += value)));
  },
  contextRows: () => 1,
};
