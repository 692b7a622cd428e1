import { applyChain } from '../../transforms/transform-chain.js';
import type { Algorithm, Forecaster, ModelState } from '../algorithm.js';
import { forecastOfMember, type OpenMember } from './member-forecasts.js';

const NO_TIMES = new Float64Array(0);

/**
 * The weighted sum of the members' forecasts in original units, Σ wᵢ fᵢ, in the scaled units of the ensemble. Members of
 * weight 0 are not asked.
 */
export async function restoreEnsemble(state: ModelState, find: (name: string) => Algorithm): Promise<Forecaster> {
  const { ensemble, horizon, targets } = state;
  if (ensemble === undefined) throw new Error('the state of an ensemble has members');
  const used = ensemble.members.filter(({ weight }) => weight > 0);
  const members = await openMembers(used, find);
  return {
    async forecast(inputs, origins, future) {
      const sums = targets.map(() => new Float64Array(origins.length * horizon));
      for (const [at, member] of members.entries()) {
        const { weight } = used[at]!;
        const forecasts = await forecastOfMember(member, inputs, origins, future);
        forecasts.forEach((ofTarget, target) => {
          const sum = sums[target]!;
          for (let cell = 0; cell < sum.length; cell++) sum[cell]! += weight * ofTarget[cell]!;
        });
      }
      const result = new Float64Array(origins.length * horizon * targets.length);
      sums.forEach((values, target) => {
        const scaled = applyChain(ensemble.targets[target]!, { times: NO_TIMES, values });
        for (let cell = 0; cell < scaled.length; cell++) result[cell * targets.length + target] = scaled[cell]!;
      });
      return result;
    },
    dispose() {
      for (const { forecaster } of members) forecaster.dispose();
    },
  };
}

/** Restores each member; on a failure those before it are let go. */
export async function openMembers(
  members: readonly OpenMember['member'][],
  find: (name: string) => Algorithm,
): Promise<OpenMember[]> {
  const open: OpenMember[] = [];
  try {
    for (const member of members) {
      open.push({ member, forecaster: await find(member.model.algorithm).restore(member.model) });
    }
    return open;
  } catch (error) {
    for (const { forecaster } of open) forecaster.dispose();
    throw error;
  }
}
