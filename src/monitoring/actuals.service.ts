import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { EndpointsService, readTimes } from '../inference/index.js';
import { RegistryService } from '../registry/index.js';
import { ActualRepository } from './actual.repository.js';
import type { Actual } from './actual.js';
import { ActualsJoiner } from './actuals-joiner.js';

/** Values of some assets at the same times; null where there is none. */
export interface PostedActuals {
  readonly times: readonly string[];
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

const BEGIN = '';
const END = '~';

/** What came, by endpoint, asset and time. */
@Injectable()
export class ActualsService {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly registry: RegistryService,
    private readonly actuals: ActualRepository,
    private readonly joiner: ActualsJoiner,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Stores all of them or says what is wrong; how many values. A null leaves what is there. */
  async post(name: string, posted: PostedActuals, by: { readonly name: string }): Promise<{ readonly stored: number }> {
    const endpoint = await this.endpoints.get(name);
    const { targets } = await this.registry.getVersion(endpoint.model, endpoint.modelVersion);
    const times = isoTimes(posted.times);
    const recordedAt = isoTime(this.clock);
    const actuals = Object.entries(posted.series).flatMap(([asset, values]): Actual[] => {
      if (!targets.includes(asset)) {
        throw invalid(`Endpoint "${name}" does not forecast "${asset}"; it forecasts ${targets.join(', ')}`, { asset });
      }
      if (values.length !== times.length) {
        throw invalid(`series.${asset} has ${values.length} values for ${times.length} times`, { asset });
      }
      const provenance = { source: 'posted', datasetVersion: null, recordedBy: by.name, recordedAt } as const;
      return values.flatMap((value, at) => (value === null ? [] : [{ asset, time: times[at]!, value, ...provenance }]));
    });
    await this.actuals.put(name, actuals);
    return { stored: actuals.length };
  }

  /** Of one asset, oldest first, `from` and `to` (ISO 8601) included. */
  async list(
    name: string,
    {
      asset,
      from,
      to,
      ...page
    }: PageRequest & { readonly asset: string; readonly from?: string; readonly to?: string },
  ): Promise<Page<Actual>> {
    await this.joiner.join(await this.endpoints.get(name));
    const iso = (text: string): string => new Date(text).toISOString();
    const range = { from: from === undefined ? BEGIN : iso(from), to: to === undefined ? END : iso(to) };
    return this.actuals.list(name, asset, { ...page, ...range });
  }
}

function isoTimes(times: readonly string[]): string[] {
  try {
    return Array.from(readTimes(times), (time) => new Date(time).toISOString());
  } catch (error) {
    if (isTrainyardError(error, 'WINDOW_INVALID')) throw invalid(error.message, error.details);
    throw error;
  }
}

function invalid(message: string, details: Readonly<Record<string, unknown>>): TrainyardError {
  return new TrainyardError('ACTUALS_INVALID', message, details);
}
