import { TrainyardError } from '../common/errors/index.js';
import type { ActualRepository } from './actual.repository.js';

/** Of all assets together; more do not belong into memory for one request. */
const MOST_VALUES = 1_000_000;

interface Known {
  from: string;
  to: string;
  readonly values: Map<string, number>;
}

/** The actuals of an endpoint as far as they were asked for: each is read once, in ranges of time. */
export class KnownActuals {
  private readonly assets = new Map<string, Known>();
  private size = 0;

  constructor(
    private readonly endpoint: string,
    private readonly actuals: ActualRepository,
  ) {}

  /** Reads what is not known of an asset from `from` to `to`, ISO 8601, both included. */
  async read(asset: string, from: string, to: string): Promise<void> {
    const known = this.assets.get(asset);
    if (known === undefined) {
      const values = new Map<string, number>();
      this.assets.set(asset, { from, to, values });
      await this.readInto(values, asset, from, to);
      return;
    }
    if (from < known.from) {
      await this.readInto(known.values, asset, from, known.from);
      known.from = from;
    }
    if (to > known.to) {
      await this.readInto(known.values, asset, known.to, to);
      known.to = to;
    }
  }

  /** Undefined where it is not known. */
  find(asset: string, time: string): number | undefined {
    return this.assets.get(asset)?.values.get(time);
  }

  /** The last time of an asset that is known; null for none. */
  last(asset: string): string | null {
    let last: string | null = null;
    for (const time of this.assets.get(asset)?.values.keys() ?? []) if (last === null || time > last) last = time;
    return last;
  }

  private async readInto(values: Map<string, number>, asset: string, from: string, to: string): Promise<void> {
    for await (const [time, value] of this.actuals.values(this.endpoint, asset, from, to)) {
      if (!values.has(time)) this.size += 1;
      values.set(time, value);
      if (this.size <= MOST_VALUES) continue;
      throw new TrainyardError(
        'LIMIT_EXCEEDED',
        `the forecasts of the period are for times with more than ${MOST_VALUES} actuals: narrow from and to`,
        { limit: MOST_VALUES },
      );
    }
  }
}
