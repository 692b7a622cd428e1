import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import { newId } from '../common/ids.js';
import type { Page, PageRequest } from '../common/page.js';
import { EndpointsService } from '../inference/index.js';
import { DriftDetection } from './drift-detection.js';
import { driftTransition } from './drift-transitions.js';
import { nextRunMs } from './monitor-schedule.js';
import { MonitorRepository, type StoredMonitor } from './monitor.repository.js';
import type { DriftFindings, Monitor, MonitorRun, MonitorSettings } from './monitor.js';
import { RetrainingService } from './retraining.service.js';

/** How often the database is asked for what is due. */
const POLL_MS = 15_000;
/** A run that takes longer has died with its process. */
const LONGEST_RUN_MS = 10 * 60_000;
const SCHEDULE = 'schedule';

/**
 * Monitors of endpoints and their runs. A run is claimed by a conditional write that also says when the next one is due, so
 * several processes share the work and none is done twice.
 */
@Injectable()
export class MonitorsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Monitors');
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | null = null;
  private isStopped = false;

  constructor(
    private readonly endpoints: EndpointsService,
    private readonly monitors: MonitorRepository,
    private readonly detection: DriftDetection,
    private readonly retraining: RetrainingService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.sweep(), POLL_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** Makes the monitor of an endpoint, or gives it other settings; it runs at its next time. */
  async put(name: string, settings: MonitorSettings, by: { readonly name: string }): Promise<Monitor> {
    await this.endpoints.get(name);
    const now = this.clock.now();
    const at = new Date(now).toISOString();
    const nextRunAt = new Date(nextRunMs(settings, now)).toISOString();
    for (;;) {
      const seen = await this.monitors.find(name);
      if (seen === null) {
        try {
          await this.monitors.create({ endpoint: name, settings, nextRunAt, createdBy: by.name, createdAt: at });
        } catch (error) {
          if (!isTrainyardError(error, 'CONFLICT')) throw error;
        }
      } else {
        const changed = await this.monitors.changeSeen(seen, { settings, nextRunAt });
        if (changed !== null) return changed;
        continue;
      }
      return this.get(name);
    }
  }

  async get(name: string): Promise<StoredMonitor> {
    const found = await this.monitors.find(name);
    if (found !== null) return found;
    await this.endpoints.get(name);
    throw new TrainyardError(
      'MONITOR_NOT_FOUND',
      `Endpoint "${name}" has no monitor: PUT /endpoints/${name}/monitor makes one`,
      { endpoint: name },
    );
  }

  async delete(name: string): Promise<void> {
    await this.get(name);
    await this.monitors.delete(name);
  }

  async results(name: string, page: PageRequest): Promise<Page<MonitorRun>> {
    return this.monitors.listRuns(name, page);
  }

  /** Looks now. `MONITOR_RUNNING` while a run is under way. */
  async run(name: string, by: { readonly name: string }): Promise<MonitorRun> {
    for (;;) {
      const seen = await this.get(name);
      if (this.isRunning(seen)) {
        const message = `The monitor of endpoint "${name}" is running, at most until ${seen.runningUntil ?? ''}: ask for its results`;
        throw new TrainyardError('MONITOR_RUNNING', message, { endpoint: name, until: seen.runningUntil });
      }
      const claimed = await this.claim(seen, seen.nextRunAt);
      if (claimed !== null) return this.look(claimed, by.name);
    }
  }

  private sweep(): void {
    this.sweeping ??= this.runDue()
      .catch((error: unknown) => this.logger.error(`monitors could not run: ${String(error)}`))
      .finally(() => (this.sweeping = null));
  }

  private async runDue(): Promise<void> {
    for await (const monitor of this.monitors.due(isoTime(this.clock))) {
      if (this.isStopped) return;
      if (this.isRunning(monitor)) continue;
      const next = new Date(nextRunMs(monitor.settings, this.clock.now())).toISOString();
      const claimed = await this.claim(monitor, next);
      if (claimed !== null) await this.look(claimed, SCHEDULE);
    }
  }

  private isRunning({ runningUntil }: Monitor): boolean {
    return runningUntil !== null && runningUntil > isoTime(this.clock);
  }

  private claim(seen: StoredMonitor, nextRunAt: string): Promise<StoredMonitor | null> {
    const runningUntil = new Date(this.clock.now() + LONGEST_RUN_MS).toISOString();
    return this.monitors.changeSeen(seen, { runningUntil, nextRunAt });
  }

  private async look({ endpoint, settings }: Monitor, by: string): Promise<MonitorRun> {
    const runId = newId('mon');
    const { findings, failure } = await this.tryToLook(endpoint, settings);
    const at = isoTime(this.clock);
    let run: MonitorRun = { runId, endpoint, at, by, findings, failure, told: [] };
    const changed = await this.monitors.change(
      endpoint,
      (current) => {
        const { change, events } =
          findings === null ? { change: {}, events: [] } : driftTransition(current, findings, runId, at);
        return { change: { ...change, lastRunAt: at, runningUntil: null }, events };
      },
      (events) => (run = { ...run, told: events.map(({ type }) => type) }),
    );
    if (changed !== null) await this.answer(changed, run);
    // A monitor goes with its endpoint.
    if (failure?.code === 'ENDPOINT_NOT_FOUND') await this.monitors.delete(endpoint);
    return run;
  }

  private async tryToLook(
    endpoint: string,
    settings: MonitorSettings,
  ): Promise<{ readonly findings: DriftFindings | null; readonly failure: MonitorRun['failure'] }> {
    try {
      return { findings: await this.detection.look(endpoint, settings), failure: null };
    } catch (error) {
      if (isTrainyardError(error)) return { findings: null, failure: { code: error.code, message: error.message } };
      this.logger.error(`the monitor of ${endpoint} failed: ${(error as Error).stack ?? String(error)}`);
      return { findings: null, failure: { code: 'INTERNAL', message: 'An internal error occurred; the log has it' } };
    }
  }

  /** That a training cannot be started is no fault of the look: it is in the log, and tried with the next run. */
  private async answer(monitor: Monitor, run: MonitorRun): Promise<void> {
    try {
      await this.retraining.answer(monitor, run);
    } catch (error) {
      if (!isTrainyardError(error)) throw error;
      this.logger.warn(`${monitor.endpoint}: no retraining could be started: ${error.message}`);
    }
  }
}
