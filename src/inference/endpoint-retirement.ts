import { Injectable } from '@nestjs/common';
import { isTrainyardError } from '../common/errors/index.js';
import type { NewEvent } from '../events/index.js';
import { endpointEvent } from './endpoint-events.js';
import type { Endpoint, EndpointChange } from './endpoint.js';
import { EndpointRepository } from './endpoint.repository.js';
import { EndpointUse } from './endpoint-use.js';
import { ModelCache } from './model-cache.js';

/** The reaper's name in an endpoint's history. */
const REAPER = 'endpoint-reaper';

/**
 * Takes endpoints out of service, each by a write on exactly the state that was decided on: a use, an update or another
 * process that came in between wins.
 */
@Injectable()
export class EndpointRetirement {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly use: EndpointUse,
    private readonly models: ModelCache,
  ) {}

  /** Requests under way in this process. */
  inUse(name: string): number {
    return this.use.inUse(name);
  }

  /** Takes an idle endpoint out of service. False when it was used meanwhile. */
  async reap(seen: Endpoint, reason: string): Promise<boolean> {
    return this.retire(seen, { status: 'Idle' }, endpointEvent('endpoint.reaped', seen, REAPER, reason));
  }

  /** Ends what its process did not end: a creation, an update, a deletion. */
  async clean(seen: Endpoint, reason: string): Promise<boolean> {
    if (seen.status === 'Deleting') return this.remove(seen.name, reason);
    const status = seen.status === 'Updating' ? 'InService' : 'Failed';
    const event = endpointEvent('endpoint.failed', seen, REAPER, reason);
    if (status === 'Failed') return this.retire(seen, { status }, event);
    return this.changeUnlessTaken(seen, { status }, event);
  }

  /** Removes an endpoint that is `Deleting`, in the name of whoever deleted it. False when somebody else did. */
  async remove(name: string, reason: string | null): Promise<boolean> {
    for (;;) {
      const seen = await this.endpoints.find(name);
      // An endpoint of the same name may have been created since.
      if (seen?.status !== 'Deleting') return false;
      try {
        await this.endpoints.delete(seen, [
          endpointEvent('endpoint.deleted', seen, seen.deletion?.by ?? REAPER, reason),
        ]);
      } catch (error) {
        // A request that is under way wrote its time of use.
        if (!isTrainyardError(error, 'CONFLICT')) throw error;
        continue;
      }
      this.use.release(name, null);
      return true;
    }
  }

  /** Frees the memory of what another process reaped, updated or deleted; names of the endpoints that were asleep. */
  async releaseRetired(): Promise<string[]> {
    const released: string[] = [];
    for (const name of this.models.endpoints()) {
      const current = await this.endpoints.find(name);
      if (this.inUse(name) > 0) continue;
      const before = this.models.holds(name);
      this.use.release(name, current);
      if (before && !this.models.holds(name)) released.push(name);
    }
    return released;
  }

  private async retire(seen: Endpoint, change: EndpointChange, event: NewEvent): Promise<boolean> {
    if (this.inUse(seen.name) > 0 || !(await this.changeUnlessTaken(seen, change, event))) return false;
    if (this.inUse(seen.name) === 0) this.use.release(seen.name, { ...seen, ...change });
    return true;
  }

  private async changeUnlessTaken(seen: Endpoint, change: EndpointChange, event: NewEvent): Promise<boolean> {
    try {
      await this.endpoints.changeSeen(seen, change, [event]);
      return true;
    } catch (error) {
      if (isTrainyardError(error, 'CONFLICT')) return false;
      throw error;
    }
  }
}
