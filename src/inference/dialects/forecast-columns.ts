import { DIRECTIONS } from '../../ml/windows/direction-labels.js';
import type { NarrowedForecast } from '../forecast-options.js';

/** One column of a forecast, one value a step. */
export interface ForecastColumn {
  readonly name: string;
  readonly values: readonly number[];
}

/**
 * Forecasts as named columns, by target: the point forecast under the target's own name, then the quantiles that were
 * asked for as `{target}_q{level}`; where the model tells directions `{target}_down`, `_flat` and `_up`.
 */
export function forecastColumns(forecasts: readonly NarrowedForecast[]): ForecastColumn[] {
  return forecasts.flatMap(({ asset, mean, probabilities, quantiles = [] }) => [
    ...(mean === undefined ? [] : [{ name: asset, values: mean }]),
    ...(probabilities === undefined
      ? []
      : DIRECTIONS.map((direction) => ({ name: `${asset}_${direction}`, values: probabilities[direction] }))),
    ...quantiles.map(({ level, values }) => ({ name: quantileName(asset, level), values })),
  ]);
}

export function quantileName(asset: string, level: number): string {
  return `${asset}_q${level}`;
}
