import type { EventType, NewEvent } from '../events/index.js';
import { ALL_TRAFFIC, answeringVersions, type Endpoint } from './endpoint.js';

type Deployed = Pick<Endpoint, 'name' | 'model' | 'modelVersion' | 'stage' | 'alias' | 'variants' | 'shadow'>;

/** An event of an endpoint and the version that it serves. */
export function endpointEvent(
  type: EventType,
  endpoint: Deployed,
  actor: string,
  reason: string | null = null,
): NewEvent {
  const { name, model, modelVersion, stage, alias, variants, shadow } = endpoint;
  const isSplit = variants.length > 1 || variants[0]?.name !== ALL_TRAFFIC;
  const data = { stage, alias, ...(isSplit && { variants }), ...(shadow && { shadow }) };
  return { type, actor, reason, endpoint: name, model, modelVersion, data };
}

/**
 * What tells of a change: an event for each version that answers from now on or no longer does, or one that the same
 * versions answer under other conditions.
 */
export function deploymentEvents(
  before: Deployed | null,
  after: Deployed,
  actor: string,
  reason: string | null,
): NewEvent[] {
  const deployed = versionEvents('endpoint.deployed', after, before, actor, reason);
  const retired = before === null ? [] : versionEvents('endpoint.retired', before, after, actor, reason);
  const events = [...deployed, ...retired];
  return events.length > 0 ? events : [endpointEvent('endpoint.changed', after, actor, reason)];
}

/** That no version answers any more. */
export function retirementEvents(endpoint: Deployed, actor: string, reason: string): NewEvent[] {
  return versionEvents('endpoint.retired', endpoint, null, actor, reason);
}

/** One for each version that answers in `one` and not, or on another stage, in `other`. */
function versionEvents(
  type: 'endpoint.deployed' | 'endpoint.retired',
  one: Deployed,
  other: Deployed | null,
  actor: string,
  reason: string | null,
): NewEvent[] {
  const stays = new Set(other !== null && other.model === one.model ? answeringVersions(other) : []);
  const isOnOtherStage = type === 'endpoint.deployed' && other?.stage !== one.stage;
  return answeringVersions(one)
    .filter((modelVersion) => isOnOtherStage || !stays.has(modelVersion))
    .map((modelVersion) => {
      const alias = one.variants.find((variant) => variant.modelVersion === modelVersion)?.alias ?? null;
      return endpointEvent(type, { ...one, modelVersion, alias }, actor, reason);
    });
}
