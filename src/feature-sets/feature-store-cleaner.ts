import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { FeatureBlockStore } from './feature-block-store.js';
import { FeaturePacksRepository, type PackRecord } from './feature-packs.repository.js';
import { FeatureSetsRepository } from './feature-sets.repository.js';
import { FeatureSetsService } from './feature-sets.service.js';

export interface CleanUp {
  readonly sets: number;
  readonly packs: number;
  /** Freed. */
  readonly bytes: number;
}

/**
 * Removes feature sets that no execution uses any more and packs that no feature set uses any more, once they have been
 * left alone for the grace period; and beyond the size limit the packs that were not used for longest, in use or not:
 * everything in the store can be computed again. A model version needs none of it, and its execution, which cannot be
 * deleted while it exists, keeps its set.
 */
@Injectable()
export class FeatureStoreCleaner {
  constructor(
    private readonly service: FeatureSetsService,
    private readonly sets: FeatureSetsRepository,
    private readonly packs: FeaturePacksRepository,
    private readonly blocks: FeatureBlockStore,
    @Inject(CONFIG) private readonly config: Pick<TrainyardConfig, 'featureStore'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async clean(): Promise<CleanUp> {
    const sets = await this.removeSets();
    const { kept, removed } = await this.removeUnused();
    const evicted = await this.evict(kept);
    const gone = [...removed, ...evicted];
    return { sets, packs: gone.length, bytes: sum(gone) };
  }

  private async removeSets(): Promise<number> {
    const candidates: string[] = [];
    for await (const { hash, usedAt } of this.sets.all()) if (this.isLeft(usedAt)) candidates.push(hash);
    let removed = 0;
    for (const hash of candidates) {
      // In this order: a use that comes after the read makes the removal fail.
      const found = await this.sets.find(hash);
      if (found === null || !this.isLeft(found.set.usedAt)) continue;
      const { items } = await this.sets.listUsages(hash, { limit: 1 });
      if (items.length === 0 && (await this.service.remove(found))) removed++;
    }
    return removed;
  }

  private async removeUnused(): Promise<{ kept: PackRecord[]; removed: PackRecord[] }> {
    const listed: PackRecord[] = [];
    for await (const record of this.packs.leastRecentlyUsed()) listed.push(record);
    const kept: PackRecord[] = [];
    const removed: PackRecord[] = [];
    for (const record of listed) {
      const isGarbage = this.isLeft(record.usedAt) && !(await this.packs.isUsed(record.pack));
      if (isGarbage && (await this.blocks.remove(record))) removed.push(record);
      else kept.push(record);
    }
    return { kept, removed };
  }

  private async evict(kept: readonly PackRecord[]): Promise<PackRecord[]> {
    const evicted: PackRecord[] = [];
    let excess = sum(kept) - this.config.featureStore.bytes;
    for (const record of kept) {
      if (excess <= 0) break;
      if (!(await this.blocks.remove(record))) continue;
      evicted.push(record);
      excess -= record.bytes;
    }
    return evicted;
  }

  private isLeft(usedAt: string): boolean {
    return this.clock.now() - Date.parse(usedAt) >= this.config.featureStore.graceMs;
  }
}

function sum(packs: readonly PackRecord[]): number {
  return packs.reduce((total, { bytes }) => total + bytes, 0);
}
