import { TrainyardError } from '../common/errors/index.js';
import type { ModelVersion } from '../registry/index.js';
import type { Endpoint } from './endpoint.js';

export function endpointNotFound(name: string): TrainyardError {
  return new TrainyardError('ENDPOINT_NOT_FOUND', `There is no endpoint "${name}"`, { endpoint: name });
}

/** An endpoint that is being deleted takes no new request. */
export function assertNotDeleting({ name, status }: Pick<Endpoint, 'name' | 'status'>): void {
  if (status !== 'Deleting') return;
  throw new TrainyardError(
    'ENDPOINT_NOT_FOUND',
    `Endpoint "${name}" is being deleted: create it anew when it is gone`,
    {
      endpoint: name,
      status,
    },
  );
}

export function assertApproved({ model, version, approval }: ModelVersion, endpoint: string): void {
  if (approval === 'Approved') return;
  throw new TrainyardError(
    'MODEL_NOT_APPROVED',
    `Version ${version} of model "${model}" is ${approval} and endpoint "${endpoint}" is in production: approve it first (PUT /models/${model}/versions/${version}/approval), or use the stage staging`,
    { model, version, approval, endpoint },
  );
}
