import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob } from 'cron';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { TrainyardError } from '../common/errors/index.js';
import { newId } from '../common/ids.js';
import { Leases } from '../database/index.js';
import { EndpointRetirement, EndpointsService, type Endpoint } from '../inference/index.js';
import { decideReaping, type ReapingRules } from './reaping-policy.js';
import type { Sweep, SweepOutcome, SweptEndpoint } from './sweep.js';

const JOB = 'endpoint-reaper';
const STUCK_MS = 10 * 60_000;
/** Other processes write a use within a second, and their write may take as long again. */
const USE_LAG_MS = 2_000;
const LEASE_MS = 60_000;

/**
 * Takes endpoints that nobody uses out of service, on a schedule. Of several processes one sweeps; the others only free
 * the memory of what it reaped. The lease spares double work: that an endpoint in use is not reaped rests on conditional
 * writes alone.
 */
@Injectable()
export class EndpointReaperService implements OnApplicationBootstrap {
  private readonly logger = new Logger('EndpointReaper');
  private readonly owner = newId('own');
  private sweeping: Promise<Sweep | null> | null = null;

  constructor(
    private readonly endpoints: EndpointsService,
    private readonly retirement: EndpointRetirement,
    private readonly leases: Leases,
    private readonly schedule: SchedulerRegistry,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    const job = CronJob.from({
      cronTime: this.config.endpoints.reaperCron,
      onTick: () => {
        this.tick().catch((error: unknown) => this.logger.error(`sweep failed: ${String(error)}`));
      },
    });
    this.schedule.addCronJob(JOB, job);
    job.start();
  }

  /** What happens on schedule. Null when another process sweeps. */
  async tick(): Promise<Sweep | null> {
    const released = await this.retirement.releaseRetired();
    if (released.length > 0) this.logger.log(`freed the memory of ${released.join(', ')}`);
    return this.sweepOrJoin();
  }

  /** One sweep over all endpoints; `SWEEP_UNDER_WAY` when another process sweeps. */
  async sweep(): Promise<Sweep> {
    const sweep = await this.sweepOrJoin();
    if (sweep !== null) return sweep;
    const message = 'Another process sweeps the endpoints now: its decisions are in their activity; ask again later';
    throw new TrainyardError('SWEEP_UNDER_WAY', message, { leaseMs: LEASE_MS });
  }

  /** What a sweep would do now. */
  async rehearse(): Promise<Sweep> {
    const endpoints: SweptEndpoint[] = [];
    for await (const endpoint of this.endpoints.all()) {
      const decision = this.decide(endpoint);
      endpoints.push(swept(endpoint, decision, decision.action === 'keep' ? 'kept' : 'decided'));
    }
    return { isDryRun: true, at: isoTime(this.clock), endpoints, isComplete: true };
  }

  /** A sweep that is under way in this process is joined, not doubled. */
  private sweepOrJoin(): Promise<Sweep | null> {
    this.sweeping ??= this.sweepOnce().finally(() => (this.sweeping = null));
    return this.sweeping;
  }

  private async sweepOnce(): Promise<Sweep | null> {
    const lease = await this.leases.acquire(JOB, this.owner, LEASE_MS);
    if (lease === null) return null;
    const at = isoTime(this.clock);
    const endpoints: SweptEndpoint[] = [];
    try {
      for await (const endpoint of this.endpoints.all()) {
        if (!(await lease.renew())) return { isDryRun: false, at, endpoints, isComplete: false };
        endpoints.push(await this.carryOut(endpoint));
      }
      return { isDryRun: false, at, endpoints, isComplete: true };
    } finally {
      await lease.release();
    }
  }

  private async carryOut(endpoint: Endpoint): Promise<SweptEndpoint> {
    const decision = this.decide(endpoint);
    const { action, reason } = decision;
    if (action === 'keep') return swept(endpoint, decision, 'kept');
    const isDone = await this.retirement[action](endpoint, reason);
    if (isDone) this.logger.log(`${endpoint.name}: ${action}, ${reason}`);
    return swept(endpoint, decision, isDone ? 'done' : 'overtaken');
  }

  private decide(endpoint: Endpoint) {
    const rules: ReapingRules = { idleMs: this.config.endpoints.idleMs, stuckMs: STUCK_MS, useLagMs: USE_LAG_MS };
    return decideReaping(endpoint, this.retirement.inUse(endpoint.name), this.clock.now(), rules);
  }
}

function swept({ name, status }: Endpoint, decision: ReturnType<typeof decideReaping>, outcome: SweepOutcome) {
  return { endpoint: name, status, ...decision, outcome };
}
