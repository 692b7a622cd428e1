import { forecastsOfTarget } from '../../processing/invert-targets.js';
import { openInverse } from '../../transforms/transform-chain.js';
import type { InputMatrix } from '../../windows/windowed-data.js';
import type { EnsembleMember, Forecaster } from '../algorithm.js';

/** A member that can forecast. */
export interface OpenMember {
  readonly member: EnsembleMember;
  readonly forecaster: Forecaster;
}

const NOTHING = new Float64Array(0);

/**
 * What a member forecasts by itself, from its columns among those of the ensemble: for each target of the ensemble
 * [origins, horizon] in original units. The result for an origin depends on the rows of its window alone, as that of the
 * member does; transforms that start from values before the forecast find them in the window.
 */
export async function forecastOfMember(
  { member, forecaster }: OpenMember,
  inputs: InputMatrix,
  origins: Int32Array,
  future: InputMatrix | undefined,
): Promise<Float64Array[]> {
  const own = await forecaster.forecast(columnsAt(inputs, member.inputs), origins, futureOf(member, future));
  return member.targets.map(({ at, chain, series }) => {
    const scaled = forecastsOfTarget(own, at, member.model.targets.length);
    if (series === undefined) {
      return openInverse(chain, { times: NOTHING, values: NOTHING }, member.name)(scaled, origins);
    }
    const values = inputs.columns[series];
    if (values === undefined || inputs.times === undefined) {
      throw new Error(`the inputs of an ensemble lack what the forecasts of ${member.name} are restored from`);
    }
    return openInverse(chain, { times: inputs.times, values }, inputs.names[series]!)(scaled, origins);
  });
}

function futureOf({ future: places }: EnsembleMember, future: InputMatrix | undefined): InputMatrix | undefined {
  if (places === undefined) return undefined;
  if (future === undefined)
    throw new Error('a member of the ensemble reads known-future covariates, which are missing');
  return columnsAt(future, places);
}

function columnsAt({ names, columns, assets }: InputMatrix, places: readonly number[]): InputMatrix {
  return {
    names: places.map((at) => names[at]!),
    columns: places.map((at) => columns[at]!),
    ...(assets === undefined ? {} : { assets: places.map((at) => assets[at]!) }),
  };
}
