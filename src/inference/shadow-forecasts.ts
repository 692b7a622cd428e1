import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Endpoint } from './endpoint.js';
import { EndpointUse } from './endpoint-use.js';
import type { LoadedModel } from './loaded-model.js';

/** Requests of an endpoint at once beyond which its shadow rests: it must not take the processor from them. */
const BUSY_REQUESTS = 4;

/** Since this process began. */
export interface ShadowCounts {
  readonly forecasts: number;
  /** Left out because the endpoint, or the shadow itself, was busy. */
  readonly dropped: number;
  readonly failed: number;
  readonly lastError: string | null;
}

const NONE: ShadowCounts = { forecasts: 0, dropped: 0, failed: 0, lastError: null };

/**
 * Lets an endpoint's shadow forecast what was just answered. It never delays or fails a request: it begins in a turn of
 * its own, one at a time for each endpoint, and is left out rather than queued.
 */
@Injectable()
export class ShadowForecasts implements OnApplicationShutdown {
  private readonly logger = new Logger('ShadowForecasts');
  private readonly running = new Map<string, Promise<void>>();
  private readonly counted = new Map<string, ShadowCounts>();
  private isStopped = false;

  constructor(private readonly use: EndpointUse) {}

  /** Calls `forecast` with the shadow's model, later or not at all; what it throws is counted. */
  follow(endpoint: Endpoint, forecast: (shadow: LoadedModel) => Promise<void>): void {
    if (endpoint.shadow === null) return;
    setImmediate(() => this.begin(endpoint, forecast));
  }

  counts(name: string): ShadowCounts {
    return this.counted.get(name) ?? NONE;
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.running.values());
  }

  private begin(endpoint: Endpoint, forecast: (shadow: LoadedModel) => Promise<void>): void {
    const { name } = endpoint;
    if (this.isStopped || this.running.has(name) || this.use.inUse(name) > BUSY_REQUESTS) {
      this.count(name, 'dropped');
      return;
    }
    const run = this.use.withShadow(endpoint, forecast).then(
      () => this.count(name, 'forecasts'),
      (error: unknown) => {
        const lastError = error instanceof Error ? error.message : String(error);
        if (this.counts(name).lastError !== lastError) {
          this.logger.warn(`the shadow of endpoint ${name} cannot forecast: ${lastError}`);
        }
        this.count(name, 'failed', lastError);
      },
    );
    this.running.set(
      name,
      run.finally(() => this.running.delete(name)),
    );
  }

  private count(name: string, what: 'forecasts' | 'dropped' | 'failed', lastError?: string): void {
    const counts = this.counts(name);
    this.counted.set(name, { ...counts, [what]: counts[what] + 1, ...(lastError !== undefined && { lastError }) });
  }
}
