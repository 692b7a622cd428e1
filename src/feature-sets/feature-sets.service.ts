import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError } from '../common/errors/index.js';
import { newId } from '../common/ids.js';
import { inParallel } from '../common/in-parallel.js';
import type { Page, PageRequest } from '../common/page.js';
import { DatasetsService } from '../datasets/index.js';
import type { FeatureBlock } from '../ml/processing/feature-blocks.js';
import type { ProcessingPlan } from '../ml/processing/processing-plan.js';
import { FeatureBlockStore } from './feature-block-store.js';
import { blockBytes, encodePack, groupForPacks, type FeaturePack } from './feature-pack.js';
import { FeaturePacksRepository } from './feature-packs.repository.js';
import type { FeatureSet, FeatureSetColumn, FeatureSetUsage } from './feature-set.js';
import { FeatureSetsRepository, type StoredFeatureSet } from './feature-sets.repository.js';
import { summariseFeature } from './feature-statistics.js';

/** What an execution made, as far as the store is concerned. */
export interface MadeFeatureSet {
  readonly hash: string;
  readonly lineage: string;
  readonly datasetContentHash: string;
  readonly plan: ProcessingPlan;
  /** The axis. */
  readonly times: Float64Array;
  readonly blocks: readonly MadeBlock[];
  /** Packs that blocks were read from. */
  readonly packs: readonly string[];
}

export interface MadeBlock {
  readonly address: string;
  readonly step: string;
  readonly asset: string | null;
  /** As the plan names them. */
  readonly names: readonly string[];
  readonly block: FeatureBlock;
  readonly isStored: boolean;
  readonly computeMs: number;
}

/** A feature set with nothing left in the buffers it was made of: they may be moved to a training. */
export interface StagedFeatureSet {
  readonly made: Omit<MadeFeatureSet, 'blocks' | 'times'>;
  readonly newPacks: readonly FeaturePack[];
  /** Null when the set exists. */
  readonly description: Pick<FeatureSet, 'rows' | 'start' | 'end' | 'steps'> | null;
  readonly columns: readonly FeatureSetColumn[];
}

export interface DescribedFeatureSet extends FeatureSet {
  readonly columns: readonly FeatureSetColumn[];
  /** The first of them; `/executions` has all. */
  readonly executions: readonly FeatureSetUsage[];
}

/** When a block is worth its place, injected so that tests can keep everything. */
export const KEEPING_RULE = Symbol('KeepingRule');
export type KeepingRule = (computeMs: number, bytes: number) => boolean;

/**
 * What reading costs: the requests of a pack, and its bytes read and verified. A block that is computed faster stays out
 * of the store: keeping it would slow the second execution down and fill the disk. Figures: docs/adr/0008-feature-store.md.
 */
const READ_MS = 10;
const READ_BYTES_PER_MS = 40_000;
export const keepWhatReadsFaster: KeepingRule = (computeMs, bytes) => computeMs > READ_MS + bytes / READ_BYTES_PER_MS;

const PACKS_AT_ONCE = 2;
const EXECUTIONS_SHOWN = 50;

/** Feature sets: what executions made, which of them share it, and how it looks. */
@Injectable()
export class FeatureSetsService implements OnModuleInit {
  constructor(
    private readonly sets: FeatureSetsRepository,
    private readonly packs: FeaturePacksRepository,
    private readonly blocks: FeatureBlockStore,
    private readonly datasets: DatasetsService,
    @Inject(KEEPING_RULE) private readonly keeps: KeepingRule,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.datasets.onDeleted(async (datasetId) => this.dropDataset(datasetId));
  }

  /** Row counts of the newest sets of a lineage, newest first. */
  async earlierRows(lineage: string, limit: number): Promise<number[]> {
    const sets = await this.sets.listLineage(lineage, limit);
    return [...new Set(sets.map(({ rows }) => rows))];
  }

  /** Copies what is to be stored, and describes the columns where nobody has before. */
  async stage({ blocks, times, ...made }: MadeFeatureSet): Promise<StagedFeatureSet> {
    const fresh = new Map(
      blocks
        .filter(({ isStored, computeMs, block }) => !isStored && this.keeps(computeMs, blockBytes(block)))
        .map(({ address, block }) => [address, { address, block }]),
    );
    const newPacks: FeaturePack[] = [];
    for (const group of groupForPacks([...fresh.values()])) {
      newPacks.push(encodePack(group));
      await nextTurn();
    }
    if ((await this.sets.find(made.hash)) !== null) return { made, newPacks, description: null, columns: [] };
    const columns: FeatureSetColumn[] = [];
    for (const { address, step, asset, names, block, isStored } of blocks) {
      const stored = isStored || fresh.has(address);
      block.columns.forEach((column, at) => {
        columns.push({ name: names[at] ?? '', asset, step, block: address, stored, ...summariseFeature(column) });
      });
      await nextTurn();
    }
    const description = {
      rows: times.length,
      start: times[0] ?? NaN,
      end: times.at(-1) ?? NaN,
      steps: [...new Set(blocks.map(({ step }) => step))],
    };
    return { made, newPacks, description, columns };
  }

  /** Stores blocks and set, and that the execution uses them; durable when it resolves. */
  async keep(staged: StagedFeatureSet, usage: Omit<FeatureSetUsage, 'usedAt'>): Promise<void> {
    const { made, newPacks } = staged;
    await inParallel(newPacks, PACKS_AT_ONCE, async (pack) => this.blocks.write(pack));
    await this.blocks.touch(made.packs);
    const packs = [...made.packs, ...newPacks.map(({ pack }) => pack)];
    const set = await this.ensureSet(staged, packs, usage.executionId);
    await this.packs.addUser(packs, userOf(set));
    await this.sets.addUsage(set.set, { ...usage, usedAt: isoTime(this.clock) });
  }

  async list(datasetId: string | undefined, page: PageRequest): Promise<Page<FeatureSet>> {
    return this.sets.list(datasetId, page);
  }

  async get(hash: string): Promise<DescribedFeatureSet> {
    const found = await this.getStored(hash);
    const [columns, { items: executions }] = await Promise.all([
      this.sets.listColumns(found),
      this.sets.listUsages(hash, { limit: EXECUTIONS_SHOWN }),
    ]);
    return { ...found.set, columns, executions };
  }

  /** `FEATURE_SET_NOT_FOUND`. */
  async getStored(hash: string): Promise<StoredFeatureSet> {
    const found = await this.sets.find(hash);
    if (found === null) throw this.notFound(hash);
    return found;
  }

  notFound(hash: string): TrainyardError {
    const remedy = 'GET /api/v1/feature-sets lists those there are';
    return new TrainyardError('FEATURE_SET_NOT_FOUND', `There is no feature set ${hash}: ${remedy}`, { hash });
  }

  async listUsages(hash: string, page: PageRequest): Promise<Page<FeatureSetUsage>> {
    await this.getStored(hash);
    return this.sets.listUsages(hash, page);
  }

  /** An execution is deleted: what it alone used is removed by the next clean-up. */
  async dropUsages(executionId: string): Promise<void> {
    await this.sets.removeUsages(executionId, await this.sets.hashesOfExecution(executionId));
  }

  /** A dataset is deleted: its sets go at once, unless another dataset has the same rows. */
  async dropDataset(datasetId: string): Promise<void> {
    const hashes = await this.sets.hashesOfDataset(datasetId);
    await this.sets.removeDataset(datasetId, hashes);
    for (const hash of hashes) {
      const found = await this.sets.find(hash);
      if (found !== null && (await this.sets.listDatasets(hash)).length === 0) await this.remove(found);
    }
  }

  /** False when it was used meanwhile. Its packs stay until the clean-up finds that nothing else uses them. */
  async remove(found: StoredFeatureSet): Promise<boolean> {
    if (!(await this.sets.remove(found))) return false;
    await this.packs.removeUser(found.packs, userOf(found));
    return true;
  }

  private async ensureSet(
    { made, description, columns }: StagedFeatureSet,
    packs: readonly string[],
    executionId: string,
  ): Promise<StoredFeatureSet> {
    const { hash, lineage, datasetContentHash, plan } = made;
    const now = isoTime(this.clock);
    const times = { createdAt: now, createdBy: executionId, usedAt: now };
    if (description !== null) {
      const set = { hash, datasetContentHash, ...description, columnCount: columns.length, ...times };
      await this.sets.create({ set, lineage, generation: newId('gen'), packs, columns, plan });
    }
    const used = await this.sets.use(hash, now, packs);
    if (used !== null) return used;
    throw new Error(`feature set ${hash} was removed while an execution began to use it`);
  }
}

/** Of one making of the set: a set that is made again while it is removed keeps its packs. */
function userOf({ set, generation }: StoredFeatureSet): string {
  return `${set.hash}#${generation}`;
}
