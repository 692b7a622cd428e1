import type { TrainingContext } from '../ml/algorithms/algorithm.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import { affineUnits } from '../ml/transforms/affine-chain.js';

/** What the algorithm gets of a model file: its bytes, and what the columns beside it are scaled by. */
export function fileInContext(
  content: Uint8Array | undefined,
  { inputs, targets }: FittedProcessing,
): Pick<TrainingContext, 'modelFile'> {
  if (content === undefined) return {};
  return { modelFile: { content, inputs: inputs.map(affineUnits), targets: targets.map(affineUnits) } };
}
