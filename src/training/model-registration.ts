import { summarizeMetrics, type ClaimedExecution } from '../executions/index.js';
import type { ModelRegistration } from '../registry/index.js';
import type { TrainingResult } from './worker/protocol.js';

/** What the registry gets of a training: its lineage, its numbers, and where its artifacts are. */
export function registrationOf(
  execution: ClaimedExecution,
  result: TrainingResult,
  featureSet: string | null,
): ModelRegistration {
  const { executionId, templateId, templateVersion, datasetId, datasetVersion, datasetContentHash } = execution;
  return {
    executionId,
    templateId,
    templateVersion,
    datasetId,
    datasetVersion,
    datasetContentHash,
    featureSet,
    warmStart: execution.warmStart,
    ...(execution.members && { members: execution.members }),
    ...(execution.modelFile && { modelFile: execution.modelFile }),
    model: execution.parameters.registration.model ?? modelName(execution.templateName),
    algorithm: result.model.algorithm,
    targets: result.model.targets,
    lookBack: result.model.lookBack,
    horizon: result.model.horizon,
    metrics: summarizeMetrics(result.report),
    modelSha256: result.modelSha256,
    artifactOwner: executionId,
    artifacts: result.artifacts.map(({ name }) => name).sort(),
  };
}

/** A template's name as the name of a model group: letters, digits and single hyphens, at most 63. */
function modelName(templateName: string): string {
  const name = templateName
    .normalize('NFKD')
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  return name === '' ? 'model' : name;
}
