import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { isTrainyardError } from '../common/errors/index.js';
import { assertNotDeleting, endpointNotFound } from './endpoint-errors.js';
import { endpointEvent } from './endpoint-events.js';
import { isAsleep, servedBy, type Endpoint, type Variant } from './endpoint.js';
import { EndpointRepository } from './endpoint.repository.js';
import type { LoadedModel } from './loaded-model.js';
import { ModelCache } from './model-cache.js';
import { RANDOM_SOURCE, chooseVariant, type RandomSource, type VariantWish } from './variant-choice.js';

/** Who did it, by the name that stands in the history. */
export type By = { readonly name: string };

/** Times of use are written this often at most: each forecast would be a write more than it needs. */
export const USE_WRITE_INTERVAL_MS = 1_000;

const DRAIN_POLL_MS = 10;

/** `endpoint` as this request sees it: its version is the variant's. */
type Use<Result> = (model: LoadedModel, endpoint: Endpoint, variant: Variant) => Promise<Result>;

/**
 * Requests of endpoints: which variant answers, waking, and the time of use. Another process may sweep while this one
 * answers: it sees neither these requests nor these models, only `lastUsedAt`. So that is written when a request begins
 * and as long as one is under way, and each write counts the endpoint's version up, which makes a reaping that was
 * decided before fail.
 */
@Injectable()
export class EndpointUse implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('EndpointUse');
  /** Requests under way, by endpoint: one that is being used is never reaped. */
  private readonly inFlight = new Map<string, number>();
  private readonly lastUseWritten = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly models: ModelCache,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.noteUsesUnderWay().catch((error: unknown) =>
        this.logger.warn(`times of use were not written: ${String(error)}`),
      );
    }, USE_WRITE_INTERVAL_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Runs `use` with the model of the variant that is to answer, waking the endpoint first if it was reaped. */
  async withModel<Result>(name: string, by: By, wish: VariantWish, use: Use<Result>): Promise<Result> {
    this.inFlight.set(name, this.inUse(name) + 1);
    let endpoint: Endpoint | null = null;
    try {
      endpoint = await this.endpoints.findRecent(name);
      if (endpoint === null) throw endpointNotFound(name);
      assertNotDeleting(endpoint);
      const seen = endpoint;
      const variant = chooseVariant(seen, wish, this.random);
      const served = { ...seen, modelVersion: variant.modelVersion, alias: variant.alias };
      return await this.models.use(served, async (model) => {
        if (isAsleep(seen)) await this.wake(seen, by, 'asked for a forecast');
        else await this.noteUse(name, by);
        return use(model, served, variant);
      });
    } finally {
      await this.endUse(name, endpoint);
    }
  }

  /** Runs `use` with the shadow's model. No use of the endpoint: it wakes nobody and keeps nothing from being reaped. */
  async withShadow<Result>(endpoint: Endpoint, use: (model: LoadedModel) => Promise<Result>): Promise<Result | null> {
    const { name, model, shadow } = endpoint;
    return shadow && this.models.use({ name, model, modelVersion: shadow.modelVersion }, use);
  }

  /** Loads everything that it serves, and puts it into service if it was reaped. */
  async warm(endpoint: Endpoint, by: By): Promise<void> {
    for (const served of servedBy(endpoint)) await this.models.use(served, async () => undefined);
    if (isAsleep(endpoint)) await this.wake(endpoint, by, 'is kept warm');
  }

  /** The time of use that stands on the endpoint was written by this process. */
  noteWritten({ name, lastUsedAt }: Endpoint): void {
    this.lastUseWritten.set(name, Date.parse(lastUsedAt));
  }

  /** Requests under way in this process. */
  inUse(name: string): number {
    return this.inFlight.get(name) ?? 0;
  }

  /** Waits for the requests that are under way in this process, `atMostMs` at most. */
  async drain(name: string, atMostMs: number): Promise<void> {
    for (let waitedMs = 0; this.inUse(name) > 0 && waitedMs < atMostMs; waitedMs += DRAIN_POLL_MS) {
      await delay(DRAIN_POLL_MS);
    }
  }

  /** Takes from memory what the endpoint no longer serves: all of it when it is asleep or gone. */
  release(name: string, current: Endpoint | null): void {
    const isServing = current !== null && !isAsleep(current);
    this.models.release(name, isServing ? servedBy(current) : []);
    // The next use is to be written at once: it has to find out that somebody took the endpoint out of service.
    if (isServing) return;
    this.lastUseWritten.delete(name);
    this.endpoints.forget(name);
  }

  /** For requests that take longer than the interval; a timer calls it. */
  async noteUsesUnderWay(): Promise<void> {
    for (const name of this.inFlight.keys()) {
      // Where none was written, the request is still waiting for its model or its endpoint.
      if (this.lastUseWritten.has(name)) await this.writeUse(name, { name: 'trainyard' }).written;
    }
  }

  /** A request that read the endpoint before an update may have brought an old version back. */
  private async endUse(name: string, seen: Endpoint | null): Promise<void> {
    const left = this.inUse(name) - 1;
    if (left > 0) this.inFlight.set(name, left);
    else this.inFlight.delete(name);
    if (left > 0 || (seen !== null && !this.models.holdsOthers(name, servedBy(seen)))) return;
    if (seen !== null) this.release(name, await this.endpoints.find(name));
  }

  /** Several callers may wake at once; one write, one line in the history. */
  private async wake(endpoint: Endpoint, by: By, why: string): Promise<void> {
    const reason = `was ${endpoint.status}, ${why}`;
    const change = { status: 'InService', lastUsedAt: isoTime(this.clock) } as const;
    try {
      const event = endpointEvent('endpoint.woken', endpoint, by.name, reason);
      await this.endpoints.changeSeen(endpoint, change, [event]);
      this.lastUseWritten.set(endpoint.name, this.clock.now());
    } catch (error) {
      if (!isTrainyardError(error, 'CONFLICT')) throw error;
    }
  }

  /**
   * The caller waits where the endpoint rested before: the reaper of another process might be about to take it. Within a
   * steady stream of requests nobody waits.
   */
  private async noteUse(name: string, by: By): Promise<void> {
    const { restedMs, written } = this.writeUse(name, by);
    if (restedMs >= 2 * USE_WRITE_INTERVAL_MS) await written;
    else written.catch((error: unknown) => this.logger.warn(`the use of ${name} was not written: ${String(error)}`));
  }

  /** Nothing is written where it was within the interval. */
  private writeUse(name: string, by: By): { readonly restedMs: number; readonly written: Promise<void> } {
    const now = this.clock.now();
    const restedMs = now - (this.lastUseWritten.get(name) ?? -Infinity);
    if (restedMs < USE_WRITE_INTERVAL_MS) return { restedMs, written: Promise.resolve() };
    this.lastUseWritten.set(name, now);
    return { restedMs, written: this.touch(name, by) };
  }

  private async touch(name: string, by: By): Promise<void> {
    const current = await this.endpoints.touch(name, isoTime(this.clock));
    if (current !== null && isAsleep(current)) await this.wake(current, by, 'reaped while it was asked for a forecast');
  }
}
