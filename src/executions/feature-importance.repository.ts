import { Injectable } from '@nestjs/common';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Table } from '../database/index.js';
import type { ColumnImportance } from '../ml/explain/feature-importance.js';
import { FEATURE_IMPORTANCE_TABLE, type FeatureImportanceItem } from './feature-importance.entity.js';

const RANK_DIGITS = 6;

export interface RankedColumn extends ColumnImportance {
  /** From 1, the most important column. */
  readonly rank: number;
}

/** What the input columns of trained models are worth, one item each. */
@Injectable()
export class FeatureImportanceRepository {
  constructor(@InjectTable(FEATURE_IMPORTANCE_TABLE) private readonly table: Table<FeatureImportanceItem>) {}

  /** `columns` from the most to the least important; what an earlier attempt left is replaced. */
  async record(executionId: string, columns: readonly ColumnImportance[]): Promise<void> {
    await this.deleteAll(executionId);
    await this.table.putMany(
      columns.map((column, at) => ({ executionId, rank: String(at + 1).padStart(RANK_DIGITS, '0'), column })),
    );
  }

  async list(executionId: string, page: PageRequest): Promise<Page<RankedColumn>> {
    const { items, cursor } = await this.table.query({ partition: executionId, ...page });
    return { items: items.map(({ rank, column }) => ({ rank: Number(rank), ...column })), cursor };
  }

  async deleteAll(executionId: string): Promise<void> {
    const keys: Pick<FeatureImportanceItem, 'executionId' | 'rank'>[] = [];
    for await (const { rank } of this.table.queryAll({ partition: executionId })) keys.push({ executionId, rank });
    await this.table.deleteMany(keys);
  }
}
