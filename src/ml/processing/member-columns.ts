import { isPositional } from '../transforms/transform-chain.js';
import type { MemberLayout } from '../windows/member-layout.js';
import type { InputMatrix } from '../windows/windowed-data.js';
import type { FittedMember, FittedProcessing } from './processing-plan.js';

/**
 * The columns of an ensemble are its targets' own series in original units, then those of each member as its own
 * processing makes them, then the member's view of a target in original units where forecasts are restored from it; each
 * under the member's name, so that one series may stand there under several scalings.
 */
export interface MemberColumns {
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
  readonly assets: readonly (string | null)[];
}

/** Of one member; `originals` are its targets in original units, in its own order. */
export function memberColumns(
  { name, fitted }: FittedMember,
  inputs: InputMatrix,
  originals: readonly Float64Array[],
): MemberColumns {
  const restored = [...fitted.targets.keys()].filter((at) => isPositional(fitted.targets[at]!));
  return {
    names: [
      ...inputs.names.map((column) => `${name}/${column}`),
      ...restored.map((at) => `${name}/${fitted.targets[at]!.asset} in original units`),
    ],
    columns: [...inputs.columns, ...restored.map((at) => originals[at]!)],
    assets: [...fitted.inputs.map(({ asset }) => asset), ...restored.map((at) => fitted.targets[at]!.asset)],
  };
}

/** Where each member of a fitted ensemble finds its columns; the order is that of `memberColumns`. */
export function memberLayouts({ targets, members = [] }: FittedProcessing): MemberLayout[] {
  let inputs = targets.length;
  let future = 0;
  const take = (count: number): number[] => Array.from({ length: count }, () => inputs++);
  return members.map(({ name, fitted }): MemberLayout => {
    const own = take(fitted.inputs.length);
    const series = fitted.targets.map((target) => (isPositional(target) ? inputs++ : null));
    return {
      name,
      inputs: own,
      ...(fitted.future && { future: fitted.future.map(() => future++) }),
      targets: targets.map(({ asset }) => {
        const at = fitted.targets.findIndex((target) => target.asset === asset);
        if (at < 0) throw new Error(`${name} does not forecast ${asset}`);
        const { transform, state, further } = fitted.targets[at]!;
        const start = series[at]!;
        return {
          at,
          chain: { transform, state, ...(further && { further }) },
          ...(start !== null && { series: start }),
        };
      }),
    };
  });
}
