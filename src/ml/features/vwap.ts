import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { BAR_SOURCE, barColumns, priceBars, requiredColumn, sourceSuffix, typicalPrices } from './price-bars.js';
import { ratioOr } from './ratio.js';

const DAY_MS = 86_400_000;
/** 1 January 1970 was a Thursday: the week that it lies in began three days before. */
const DAYS_SINCE_MONDAY = 3;

const parameters = {
  session: {
    kind: 'choice',
    values: ['day', 'week', 'month', 'none'],
    default: 'day',
    description:
      'Where the average begins anew, in UTC: a day suits data within the day, a week (from Monday) or a month daily data; none never does.',
  },
  source: BAR_SOURCE,
} as const satisfies ParameterSpace;

/**
 * Volume-weighted average price of the session so far: VWAP_t = Σ p·v / Σ v over the rows of the session up to t, with
 * the typical price p = (high + low + close) / 3. The session is the UTC day, week or month of the row; with daily rows a
 * session of a day holds one row and the average is its typical price, so that a week or a month is what says something.
 * While nothing was traded in the session it is the typical price. After a NaN in a bar or a volume it begins anew in
 * the same session. (Berkowitz, Logue and Noser, Journal of Finance, 1988.)
 */
export const vwap: FeatureStep = {
  name: 'vwap',
  title: 'Volume-weighted average price',
  description: 'Average price of all that was traded since the session began.',
  codeVersion: 1,
  scope: 'asset',
  parameters,
  requiredColumns: (values) => [...barColumns(parametersOf(values).source), 'volume'],
  warmUp: () => 0,
  columnNames: (values) => [nameOf(values)],
  compute(input, values) {
    const { session, source } = parametersOf(values);
    const prices = typicalPrices(priceBars('vwap', input, source));
    const volumes = requiredColumn('vwap', input, 'volume');
    const averages = new Float64Array(prices.length);
    const sessionOf = sessionsBy(session);
    let current = NaN;
    let turnover = 0;
    let traded = 0;
    for (let row = 0; row < averages.length; row++) {
      const flow = prices[row]! * volumes[row]!;
      const rowSession = sessionOf(input.times[row]!);
      if (rowSession !== current || Number.isNaN(turnover)) turnover = traded = 0;
      current = rowSession;
      turnover += flow;
      traded += volumes[row]!;
      averages[row] = traded === 0 ? prices[row]! : ratioOr(turnover, traded, NaN);
    }
    return [{ name: nameOf(values), values: averages }];
  },
};

/** A number that is the same for all times of a session. */
function sessionsBy(session: string): (time: number) => number {
  switch (session) {
    case 'day':
      return (time) => Math.floor(time / DAY_MS);
    case 'week':
      return (time) => Math.floor((Math.floor(time / DAY_MS) + DAYS_SINCE_MONDAY) / 7);
    case 'month':
      return (time) => new Date(time).getUTCFullYear() * 12 + new Date(time).getUTCMonth();
    default:
      return () => 0;
  }
}

function nameOf(values: ParameterValues): string {
  const { session, source } = parametersOf(values);
  return `VWAP_${session}${sourceSuffix(source)}`;
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'vwap');
}
