import type { Forecaster, ModelState } from '../ml/algorithms/algorithm.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import { DIRECTIONS } from '../ml/windows/direction-labels.js';
import type { InputMatrix } from '../ml/windows/windowed-data.js';
import type { AssetForecast } from './prediction.js';

type ToldDirections = Required<Pick<AssetForecast, 'asset' | 'probabilities' | 'direction' | 'flatWithin'>>;

/** What a model of the task direction says of each target after one origin. */
export async function tellDirections(
  forecaster: Forecaster,
  { directions }: FittedProcessing,
  { targets, horizon }: ModelState,
  at: { readonly inputs: InputMatrix; readonly future: InputMatrix | undefined; readonly origin: number },
): Promise<ToldDirections[]> {
  if (forecaster.classProbabilities === undefined || directions === undefined) {
    throw new Error('a model of the task direction has probabilities, and limits of what is flat');
  }
  const all = await forecaster.classProbabilities(at.inputs, Int32Array.of(at.origin), at.future);
  return targets.map((asset, target) => {
    const steps = Array.from({ length: horizon }, (_, step) => {
      const first = (step * targets.length + target) * DIRECTIONS.length;
      return all.subarray(first, first + DIRECTIONS.length);
    });
    const of = (one: number): number[] => steps.map((three) => three[one]!);
    return {
      asset,
      probabilities: { down: of(0), flat: of(1), up: of(2) },
      direction: steps.map((three) => DIRECTIONS[three.indexOf(Math.max(...three))]!),
      flatWithin: directions.limits[target]!,
    };
  });
}
