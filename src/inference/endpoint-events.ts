import type { EventType, NewEvent } from '../events/index.js';
import type { Endpoint } from './endpoint.js';

type Deployed = Pick<Endpoint, 'name' | 'model' | 'modelVersion' | 'stage' | 'alias'>;

/** An event of an endpoint and the version that it serves. */
export function endpointEvent(
  type: EventType,
  endpoint: Deployed,
  actor: string,
  reason: string | null = null,
): NewEvent {
  const { name, model, modelVersion, stage, alias } = endpoint;
  return { type, actor, reason, endpoint: name, model, modelVersion, data: { stage, alias } };
}

/** What tells of a change: one version deployed and another retired, or the same one under other conditions. */
export function deploymentEvents(
  before: Deployed | null,
  after: Deployed,
  actor: string,
  reason: string | null,
): NewEvent[] {
  const isSameVersion = before?.model === after.model && before.modelVersion === after.modelVersion;
  if (isSameVersion && before.stage === after.stage) return [endpointEvent('endpoint.changed', after, actor, reason)];
  const deployed = endpointEvent('endpoint.deployed', after, actor, reason);
  return before === null || isSameVersion
    ? [deployed]
    : [deployed, endpointEvent('endpoint.retired', before, actor, reason)];
}
