import type { Algorithm, FitOutcome, ModelState, TrainingContext } from '../ml/algorithms/algorithm.js';
import { evaluate, type EvaluationContext } from '../ml/evaluation/evaluate.js';
import type { MemberEvaluation } from '../ml/evaluation/member-evaluation.js';
import { withoutIdleMembers } from '../ml/processing/drop-members.js';
import { joinMembersInSteps } from '../ml/processing/join-members.js';
import { memberLayouts } from '../ml/processing/member-columns.js';
import type { FitOfProcessing } from '../ml/processing/fit-processing.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import type { WindowedData } from '../ml/windows/windowed-data.js';
import { fitInSteps, type StepSurroundings } from './fit-in-steps.js';
import type { LogLine } from './training-log.js';
import type { EnsembleJob, TrainingJob } from './worker/protocol.js';

/** The processing of a training, with the columns of the members where it combines some. */
export async function joinMembers(
  own: FitOfProcessing,
  { prepared, ensemble }: TrainingJob,
  surroundings: StepSurroundings,
  onProgress: (fraction: number) => void,
): Promise<FitOfProcessing & Pick<TrainingJob['prepared'], 'settledAt'>> {
  const { settledAt } = prepared;
  if (ensemble === undefined) return { ...own, settledAt };
  const { members, frames } = ensemble;
  const fitted = members.map(({ name, fitted }) => ({ name, fitted }));
  return fitInSteps(joinMembersInSteps(own, settledAt, frames, fitted), surroundings, (fraction) => {
    onProgress(fraction);
    return undefined;
  });
}

/** What the algorithm gets of the members besides their columns. */
export function membersInContext(
  ensemble: EnsembleJob | undefined,
  fitted: FittedProcessing,
): Pick<TrainingContext, 'ensemble'> {
  if (ensemble === undefined) return {};
  const targets = fitted.targets.map(({ transform, state, further }) => ({
    transform,
    state,
    ...(further && { further }),
  }));
  const members = memberLayouts(fitted).map((layout, at) => ({ ...layout, model: ensemble.members[at]!.model }));
  return { ensemble: { targets, members } };
}

export interface FinishedFit {
  readonly fitted: FittedProcessing;
  readonly data: WindowedData;
  readonly outcome: FitOutcome;
  /** Of an ensemble only. */
  readonly members?: readonly MemberEvaluation[];
  readonly lines: readonly LogLine[];
}

/** Scores each member by itself over the windows of the ensemble, and leaves out those that it does not use. */
export async function finishEnsemble(
  ensemble: EnsembleJob,
  algorithm: Algorithm,
  { fitted, data, outcome }: Omit<FinishedFit, 'members' | 'lines'>,
  context: EvaluationContext,
): Promise<FinishedFit> {
  const watched = { ...context, onProgress: () => undefined };
  const members: MemberEvaluation[] = [];
  for (const [at, { name, origin, model }] of ensemble.members.entries()) {
    const forecaster = await algorithm.restore(alone(outcome.model, at));
    try {
      const [validation, test] = [
        await evaluate(data, fitted, forecaster, 'validation', watched),
        await evaluate(data, fitted, forecaster, 'test', watched),
      ];
      members.push({
        name,
        algorithm: model.algorithm,
        origin,
        weight: outcome.model.ensemble!.members[at]!.weight,
        validation: validation?.model ?? null,
        test: test?.model ?? null,
      });
    } finally {
      forecaster.dispose();
    }
  }
  const kept = withoutIdleMembers({ fitted, data, model: outcome.model });
  return {
    fitted: kept.fitted,
    data: kept.data,
    outcome: { ...outcome, model: kept.model },
    members,
    lines: [describeMembers(members)],
  };
}

/** The ensemble of one member. */
function alone(model: ModelState, at: number): ModelState {
  const ensemble = model.ensemble!;
  return { ...model, ensemble: { ...ensemble, members: [{ ...ensemble.members[at]!, weight: 1 }] } };
}

function describeMembers(members: readonly MemberEvaluation[]): LogLine {
  const told = members.map(({ name, algorithm, weight, validation, test }) => {
    const errors = [
      ...(validation === null ? [] : [`validation MAE ${short(validation.scaled.mae)}`]),
      ...(test === null ? [] : [`test MAE ${short(test.scaled.mae)}`]),
    ];
    return `${name} (${algorithm}) ${short(weight)}${errors.length === 0 ? '' : `, alone ${errors.join(', ')}`}`;
  });
  return { level: 'info', message: `Weights of the members: ${told.join('; ')}` };
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
