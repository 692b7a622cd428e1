import { Injectable } from '@nestjs/common';
import { ChunksRepository } from './chunks.repository.js';
import { DatasetContent } from './dataset-content.js';
import type { DatasetRecord } from './dataset.js';
import { DatasetsRepository } from './datasets.repository.js';
import { ImportsRepository, type PendingWork } from './imports.repository.js';

/** Removes what failed, aborted and crashed work left behind. Nothing of it was ever visible. */
@Injectable()
export class DatasetCleaner {
  constructor(
    private readonly datasets: DatasetsRepository,
    private readonly chunks: ChunksRepository,
    private readonly content: DatasetContent,
    private readonly imports: ImportsRepository,
  ) {}

  /** Brings one piece of pending work to its end: a finished one is only struck from the journal. */
  async settle(work: PendingWork): Promise<void> {
    const newest = await this.datasets.findNewest(work.datasetId);
    if (newest === null) {
      await this.removeContents(work);
    } else {
      const versions = [newest, ...(await this.datasets.listOlder(work.datasetId))];
      if (!versions.some(({ generation }) => generation === work.generation)) await this.removeVersion(work, versions);
    }
    await this.imports.end(work.generation);
  }

  /** Of a dataset that is not visible: everything. Older versions go last, they tell which assets there are. */
  private async removeContents({ datasetId, generation }: PendingWork): Promise<void> {
    const older = await this.datasets.listOlder(datasetId);
    await this.datasets.deleteAssets(generation);
    for (const version of older) await this.datasets.deleteAssets(version.generation);
    await this.chunks.delete(datasetId, () => true);
    await this.datasets.deleteOlder(older);
  }

  /** Of an append that was not finished: its assets, and the chunks that it wrote and no version uses. */
  private async removeVersion(
    { datasetId, generation }: PendingWork,
    versions: readonly DatasetRecord[],
  ): Promise<void> {
    await this.datasets.deleteAssets(generation);
    const used = new Set<string>();
    for (const version of versions) {
      const assets = await this.datasets.listAssets(version.generation);
      for (const { asset, manifest } of await this.content.readManifests(datasetId, assets)) {
        for (const hash of [...asset.manifestChunks, ...asset.summaryChunks, ...manifest.times]) used.add(hash);
        for (const { chunks } of manifest.columns) for (const hash of chunks) used.add(hash);
      }
    }
    await this.chunks.delete(datasetId, (chunk) => chunk.generation === generation && !used.has(chunk.hash));
  }
}
