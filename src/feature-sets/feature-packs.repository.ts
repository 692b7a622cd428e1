import { Injectable } from '@nestjs/common';
import { isTrainyardError } from '../common/errors/index.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import {
  FEATURE_BLOCK_TABLE,
  FEATURE_PACK_TABLE,
  type FeatureBlockItem,
  type FeaturePackItem,
} from './feature-pack.entity.js';

/** A pack as listed. */
export interface PackRecord {
  readonly pack: string;
  readonly usedAt: string;
  readonly bytes: number;
  readonly blocks: readonly string[];
}

const PACK = 'pack';
const ALL = 'all';

/** Which packs there are, which blocks are in them, and which feature sets use them. */
@Injectable()
export class FeaturePacksRepository {
  constructor(
    @InjectTable(FEATURE_BLOCK_TABLE) private readonly blocks: Table<FeatureBlockItem>,
    @InjectTable(FEATURE_PACK_TABLE) private readonly packs: Table<FeaturePackItem>,
  ) {}

  /** The packs of those addresses that are known. */
  async findPacks(addresses: readonly string[]): Promise<Map<string, string>> {
    const found = await this.blocks.findMany(addresses.map((block) => ({ block })));
    return new Map(found.map(({ block, pack }) => [block, pack]));
  }

  /** Lists a pack, before its bytes are written; one that is listed counts as used now. */
  async register({ pack, usedAt, bytes, blocks }: PackRecord): Promise<void> {
    const item = { pack, item: PACK, listing: ALL, usedAt, bytes, blocks };
    try {
      await this.packs.create(item);
    } catch (error) {
      if (!isTrainyardError(error, 'CONFLICT')) throw error;
      await this.touch(pack, usedAt);
    }
  }

  /** Makes the blocks of a pack findable, after its bytes are written. */
  async index(pack: string, addresses: readonly string[]): Promise<void> {
    await this.blocks.putMany(addresses.map((block) => ({ block, pack })));
  }

  async touch(pack: string, usedAt: string): Promise<void> {
    await this.packs.modify({ pack, item: PACK }, (current) => ((current.usedAt ?? '') < usedAt ? { usedAt } : null));
  }

  /** Every pack, the one that was not used for longest first. */
  async *leastRecentlyUsed(): AsyncGenerator<PackRecord> {
    for await (const item of this.packs.queryAll({ index: 'byUse', partition: ALL })) {
      const { pack, usedAt = '', bytes = 0, blocks = [] } = item;
      yield { pack, usedAt, bytes, blocks };
    }
  }

  async addUser(packs: readonly string[], user: string): Promise<void> {
    await this.packs.putMany(packs.map((pack) => ({ pack, item: userKey(user) })));
  }

  async removeUser(packs: readonly string[], user: string): Promise<void> {
    await this.packs.deleteMany(packs.map((pack) => ({ pack, item: userKey(user) })));
  }

  async isUsed(pack: string): Promise<boolean> {
    const { items } = await this.packs.query({ partition: pack, sort: { beginsWith: 'set#' }, limit: 1 });
    return items.length > 0;
  }

  /** Takes the blocks of a pack out of the index; null when somebody used the pack since it was listed. */
  async claim({ pack, usedAt }: PackRecord, now: string): Promise<Stored<FeaturePackItem> | null> {
    const current = await this.packs.find({ pack, item: PACK });
    if (current === null || current.usedAt !== usedAt) return null;
    try {
      return await this.packs.update(current, { usedAt: now });
    } catch (error) {
      if (isTrainyardError(error, 'CONFLICT')) return null;
      throw error;
    }
  }

  /** Only entries that still name this pack: another one may hold a block as well. */
  async unindex(pack: string, addresses: readonly string[]): Promise<void> {
    const found = await this.blocks.findMany(addresses.map((block) => ({ block })));
    await this.blocks.deleteMany(found.filter((item) => item.pack === pack).map(({ block }) => ({ block })));
  }

  /** Strikes a pack off the list; the last of its traces. */
  async forget(pack: string): Promise<void> {
    const items: Pick<FeaturePackItem, 'pack' | 'item'>[] = [];
    for await (const { item } of this.packs.queryAll({ partition: pack })) items.push({ pack, item });
    await this.packs.deleteMany(items);
  }
}

function userKey(user: string): string {
  return `set#${user}`;
}
