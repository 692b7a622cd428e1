import type { Algorithm, TrainingContext } from '../ml/algorithms/algorithm.js';
import { getAlgorithm } from '../ml/algorithms/algorithms.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import { affineUnits } from '../ml/transforms/affine-chain.js';
import { membersInContext } from './ensemble-run.js';
import type { LogLine } from './training-log.js';
import type { TrainingJob } from './worker/protocol.js';

/** What the algorithm gets besides the data: the members that it combines, or the file that it uses. */
export function takenOverInContext(
  { ensemble, modelFile }: Pick<TrainingJob, 'ensemble' | 'modelFile'>,
  fitted: FittedProcessing,
): Pick<TrainingContext, 'ensemble' | 'modelFile'> {
  if (modelFile === undefined) return membersInContext(ensemble, fitted);
  const { inputs, targets } = fitted;
  return { modelFile: { content: modelFile, inputs: inputs.map(affineUnits), targets: targets.map(affineUnits) } };
}

/** Whether the model, or a member of it, has learned what is unknown here: what its report and its log say then. */
export function trainedElsewhere(
  { imports }: Algorithm,
  { ensemble }: Pick<TrainingJob, 'ensemble'>,
): { readonly flag: { readonly trainedElsewhere?: true }; readonly lines: readonly LogLine[] } {
  const members = ensemble?.members ?? [];
  const isElsewhere = imports === true || members.some(({ model }) => getAlgorithm(model.algorithm).imports === true);
  if (!isElsewhere) return { flag: {}, lines: [] };
  const message =
    'Trained elsewhere: what the model has learned from is unknown here, and the rows that score it may be among it; its scores prove less than those of a model that was trained here';
  return { flag: { trainedElsewhere: true }, lines: [{ level: 'warn', message }] };
}
