import type { ArtifactStore } from '../artifacts/index.js';
import { TrainyardError } from '../common/errors/index.js';
import type { TakenOver, TrainedOrigin } from '../executions/index.js';
import { MAXIMUM_MEMBERS } from '../ml/algorithms/ensemble.js';
import { decodeModelState } from '../ml/export/model-state-codec.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import { contextRows } from '../ml/transforms/transform-chain.js';
import type { OriginName } from './trained-origins.js';
import type { JobMember } from './worker/protocol.js';

export const MEMBERS_PATH = 'algorithm.hyperparameters.members';

const EXECUTION = /^exe_[0-9A-Z]+$/;
const MODEL = /^([A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)(?:@([A-Za-z0-9-]+))?$/;

/** The members that a text names: ids of executions, models, or versions such as `load@3` or `load@production`. */
export function readMemberNames(text: string): OriginName[] {
  const items = text.split(/[\s,]+/).filter((item) => item !== '');
  const names = items.map((item): OriginName => {
    if (EXECUTION.test(item)) return { model: null, version: null, execution: item };
    const [, model, version] = MODEL.exec(item) ?? [];
    if (model === undefined) {
      throw refused(item, 'is neither the id of an execution, nor a model, nor a version such as load@3');
    }
    return {
      model,
      version: version === undefined ? null : /^\d+$/.test(version) ? Number(version) : version,
      execution: null,
    };
  });
  if (names.length < 2 || names.length > MAXIMUM_MEMBERS) {
    throw refused(
      text,
      `names ${names.length} members: an ensemble combines 2 to ${MAXIMUM_MEMBERS} finished executions`,
    );
  }
  return names;
}

/** What a member is called in the ensemble: as a user would name exactly it. */
export function memberName({ executionId, model }: TrainedOrigin): string {
  return model === null ? executionId : `${model.name}@${model.version}`;
}

export function decodeMember(origin: TrainedOrigin, model: Uint8Array, processing: Uint8Array): JobMember {
  return {
    name: memberName(origin),
    origin,
    model: decodeModelState(model),
    fitted: JSON.parse(new TextDecoder().decode(processing)) as FittedProcessing,
  };
}

const fileNames = (at: number): readonly [string, string] => [
  `member-${at + 1}-model.json`,
  `member-${at + 1}-processing.json`,
];

/** A member as artifacts of the execution that combines it. */
export function memberFiles(at: number, model: Uint8Array, processing: Uint8Array): TakenOver['files'] {
  const contentType = 'application/json';
  const [modelName, processingName] = fileNames(at);
  return [
    { name: modelName, contentType, content: model },
    { name: processingName, contentType, content: processing },
  ];
}

export function readMembers(
  artifacts: Pick<ArtifactStore, 'read'>,
  executionId: string,
  origins: readonly TrainedOrigin[],
): Promise<JobMember[]> {
  return Promise.all(
    origins.map(async (origin, at) => {
      const [model, processing] = await Promise.all(fileNames(at).map((name) => artifacts.read(executionId, name)));
      return decodeMember(origin, model!.content, processing!.content);
    }),
  );
}

/** Rows that the members together look back on, those included that their forecasts are restored from. */
export function neededLookBack(members: readonly JobMember[]): number {
  return Math.max(
    ...members.flatMap(({ model, fitted }) => [model.lookBack, ...fitted.targets.map((target) => contextRows(target))]),
  );
}

function refused(value: string, rule: string): TrainyardError {
  return new TrainyardError('PARAMETER_INVALID', `${MEMBERS_PATH} ${JSON.stringify(value)} ${rule}`, {
    path: MEMBERS_PATH,
    value,
    maximum: MAXIMUM_MEMBERS,
  });
}
