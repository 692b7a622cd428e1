import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { TrainyardError } from '../common/errors/index.js';

/**
 * How much an endpoint takes at once, and for how long a caller waits: beyond either it is told so, while others are
 * served.
 */
@Injectable()
export class ForecastAdmission {
  private readonly limit: number;
  private readonly timeoutMs: number;
  private readonly underWay = new Map<string, number>();

  constructor(@Inject(CONFIG) { endpoints }: TrainyardConfig) {
    this.limit = endpoints.concurrentForecasts;
    this.timeoutMs = endpoints.forecastTimeoutMs;
  }

  /** `ENDPOINT_BUSY` at once when too many are under way; `FORECAST_TIMEOUT` when `work` takes too long. */
  async within<Result>(endpoint: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.underWay.get(endpoint) ?? 0;
    if (before >= this.limit) {
      throw new TrainyardError(
        'ENDPOINT_BUSY',
        `Endpoint "${endpoint}" answers ${before} requests already, the limit is ${this.limit} (TRAINYARD_LIMIT_ENDPOINT_REQUESTS): try again later`,
        { endpoint, limit: this.limit },
      );
    }
    this.underWay.set(endpoint, before + 1);
    const working = work().finally(() => this.end(endpoint));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.timedOut(endpoint)), this.timeoutMs);
    });
    try {
      return await Promise.race([working, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** One that its caller no longer waits for counts until it has ended: it still takes the processor. */
  private end(endpoint: string): void {
    const left = (this.underWay.get(endpoint) ?? 1) - 1;
    if (left > 0) this.underWay.set(endpoint, left);
    else this.underWay.delete(endpoint);
  }

  private timedOut(endpoint: string): TrainyardError {
    return new TrainyardError(
      'FORECAST_TIMEOUT',
      `Endpoint "${endpoint}" did not answer within ${this.timeoutMs} ms (TRAINYARD_FORECAST_TIMEOUT_MS); its prediction may still be stored`,
      { endpoint, timeoutMs: this.timeoutMs },
    );
  }
}
