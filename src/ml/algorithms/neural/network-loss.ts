import { elementLoss, hasLoss } from '../../engine/element-loss.js';
import type { NetworkRunner } from '../../engine/network-engine.js';
import { outputsPerTarget, type LossSpecification } from '../../engine/training-setup.js';
import type { TrainingContext } from '../algorithm.js';
import { throwIfCancelled } from '../training-loss.js';
import { copySamples, type NetworkSamples } from './network-samples.js';

/** Values that are predicted at once: bounds memory. */
const INPUT_VALUES = 2 ** 21;

/**
 * Mean loss over samples, without dropout, each with its weight where `weighted`; null when there is no sample, or no
 * target value in them that counts.
 */
export async function networkLoss(
  runner: NetworkRunner,
  data: NetworkSamples,
  loss: LossSpecification,
  samples: Int32Array,
  context: TrainingContext,
  weighted = false,
): Promise<number | null> {
  if (samples.length === 0) return null;
  const sizes = data.inputs.map(({ width, length }) => width * length);
  const each = outputsPerTarget(loss);
  const targetSize = data.targets.width * data.targets.length;
  const atOnce = Math.max(256, Math.floor(INPUT_VALUES / sizes.reduce((a, b) => a + b)));
  const weightOf = weighted ? data.weightOf : null;
  let sum = 0;
  let count = 0;
  for (let from = 0; from < samples.length; from += atOnce) {
    throwIfCancelled(context);
    const part = samples.subarray(from, from + atOnce);
    const inputs = data.inputs.map((source, n) => {
      const values = new Float32Array(part.length * sizes[n]!);
      copySamples(source, part, data.parts, values);
      return values;
    });
    const targets = new Float32Array(part.length * targetSize);
    copySamples(data.targets, part, data.parts, targets);
    const counted = data.targetWeights && new Float32Array(targets.length);
    if (counted) copySamples(data.targetWeights, part, data.parts, counted);
    const outputs = await runner.predict(inputs, part.length);
    part.forEach((sample, row) => {
      const weight = weightOf?.(sample) ?? 1;
      let ofRow = 0;
      let shares = 0;
      for (let n = row * targetSize; n < (row + 1) * targetSize; n++) {
        const share = hasLoss(loss, targets[n]!) ? (counted?.[n] ?? 1) : 0;
        shares += share;
        if (share > 0) ofRow += share * elementLoss(loss, outputs, n * each, targets[n]!);
      }
      sum += weight * ofRow;
      count += weight * shares;
    });
    await context.breathe();
  }
  return count === 0 ? null : sum / count;
}
