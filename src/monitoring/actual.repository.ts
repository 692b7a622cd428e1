import { Injectable } from '@nestjs/common';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import { ACTUAL_TABLE, type ActualItem } from './actual.entity.js';
import type { Actual, JoinedRows } from './actual.js';
import { JOINED_ROWS_TABLE, type JoinedRowsItem } from './joined-rows.entity.js';

const PAGE = 1_000;

@Injectable()
export class ActualRepository {
  constructor(
    @InjectTable(ACTUAL_TABLE) private readonly actuals: Table<ActualItem>,
    @InjectTable(JOINED_ROWS_TABLE) private readonly joined: Table<JoinedRowsItem>,
  ) {}

  /** Over what was there for the same asset and time. */
  async put(endpoint: string, actuals: readonly Actual[]): Promise<void> {
    await this.actuals.putMany(
      actuals.map(({ asset, datasetVersion, ...rest }) => ({
        ...rest,
        series: seriesKey(endpoint, asset),
        ...(datasetVersion === null ? {} : { datasetVersion }),
      })),
    );
  }

  /** Of one asset, from `from` to `to`, both included, oldest first. */
  async list(
    endpoint: string,
    asset: string,
    { from, to, ...page }: PageRequest & { readonly from: string; readonly to: string },
  ): Promise<Page<Actual>> {
    const partition = seriesKey(endpoint, asset);
    const { items, cursor } = await this.actuals.query({ partition, sort: { between: [from, to] }, ...page });
    return { items: items.map((item) => toActual(item, asset)), cursor };
  }

  /** Values by time, from `from` to `to`, both included. */
  async *values(endpoint: string, asset: string, from: string, to: string): AsyncGenerator<readonly [string, number]> {
    let cursor: string | null = null;
    do {
      const page: Page<Actual> = await this.list(endpoint, asset, { from, to, limit: PAGE, cursor });
      for (const { time, value } of page.items) yield [time, value];
      cursor = page.cursor;
    } while (cursor !== null);
  }

  async findJoined(endpoint: string): Promise<JoinedRows | null> {
    return this.joined.find({ endpoint });
  }

  async putJoined(endpoint: string, { datasetId, datasetVersion, through }: JoinedRows): Promise<void> {
    await this.joined.put({ endpoint, datasetId, datasetVersion, through });
  }
}

const seriesKey = (endpoint: string, asset: string): string => `${endpoint}/${asset}`;

function toActual(item: Stored<ActualItem>, asset: string): Actual {
  const { time, value, source, datasetVersion, recordedBy, recordedAt } = item;
  return { asset, time, value, source, datasetVersion: datasetVersion ?? null, recordedBy, recordedAt };
}
