import { Injectable } from '@nestjs/common';
import type { TableBlocks } from '../common/tables/index.js';
import { DatasetsService } from '../datasets/index.js';
import { makeInThread } from './export/feature-table-thread.js';
import { rowBlocks, type FeatureTable } from './export/feature-table.js';
import { FeatureBlockStore } from './feature-block-store.js';
import { FeatureSetsRepository, type StoredFeatureSet } from './feature-sets.repository.js';
import { FeatureSetsService } from './feature-sets.service.js';

/** Feature sets as tables. */
@Injectable()
export class FeatureSetExport {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly featureSets: FeatureSetsService,
    private readonly repository: FeatureSetsRepository,
    private readonly blocks: FeatureBlockStore,
    private readonly datasets: DatasetsService,
  ) {}

  /** Every column of a set behind the times of its rows. `FEATURE_SET_NOT_FOUND`, `FEATURE_SET_OUTDATED`. */
  async exportTable(hash: string): Promise<{ readonly name: string; readonly blocks: TableBlocks }> {
    const found = await this.featureSets.getStored(hash);
    // One after the other: each is whole in memory, and computes on a core of its own.
    const table = this.last.then(() => this.make(found));
    this.last = table.catch(() => undefined);
    return { name: `features-${hash.slice(0, 12)}`, blocks: rowBlocks(await table) };
  }

  private async make(found: StoredFeatureSet): Promise<FeatureTable> {
    const { hash, datasetContentHash } = found.set;
    const [plan, columns, source] = await Promise.all([
      this.repository.getPlan(found),
      this.repository.listColumns(found),
      this.repository.findDataset(hash),
    ]);
    // Deleted a moment ago, and the set with it.
    if (source === null) throw this.featureSets.notFound(hash);
    const stored = new Set(columns.filter((column) => column.stored).map(({ block }) => block));
    const [frames, { blocks }] = await Promise.all([
      this.datasets.loadFrames(
        source.datasetId,
        source.datasetVersion,
        plan.assets.map(({ id }) => id),
      ),
      this.blocks.find([...stored].map((address) => [address])),
    ]);
    const known = blocks.flatMap((block) => (block === null ? [] : [{ address: block.address, block: block.block }]));
    return makeInThread({ hash, datasetContentHash, plan, frames, known });
  }
}
