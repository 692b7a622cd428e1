import { Inject, Injectable, Logger } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/index.js';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { isTrainyardError } from '../common/errors/index.js';
import { inParallel } from '../common/in-parallel.js';
import { decodePack, type AddressedBlock, type FeaturePack } from './feature-pack.js';
import { FeaturePacksRepository, type PackRecord } from './feature-packs.repository.js';

export interface StoredBlock extends AddressedBlock {
  readonly pack: string;
}

export interface BlockSearch {
  /** For each of what was wanted the first of its addresses that there is a whole block at, or null. */
  readonly blocks: readonly (StoredBlock | null)[];
  /** What could not be read and has to be computed again. */
  readonly problems: readonly string[];
}

const PACK_ARTIFACT = 'blocks.bin';
const PACKS_AT_ONCE = 4;

/**
 * Blocks of feature columns by their address, in packs, each a checksummed artifact. The order of writing makes a block
 * either findable and whole or not there: pack registered, bytes written, blocks indexed. What cannot be read is
 * dropped and told, and computed again by whoever asked.
 */
@Injectable()
export class FeatureBlockStore {
  private readonly logger = new Logger('FeatureStore');

  constructor(
    private readonly packs: FeaturePacksRepository,
    private readonly artifacts: ArtifactStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async find(wanted: readonly (readonly string[])[]): Promise<BlockSearch> {
    const packOf = await this.packs.findPacks(wanted.flat());
    const chosen = wanted.map((alternatives) => alternatives.find((address) => packOf.has(address)) ?? null);
    const byPack = new Map<string, Set<string>>();
    for (const address of chosen) {
      const pack = address === null ? undefined : packOf.get(address);
      if (address === null || pack === undefined) continue;
      byPack.set(pack, (byPack.get(pack) ?? new Set()).add(address));
    }
    const found = new Map<string, StoredBlock>();
    const problems: string[] = [];
    await inParallel([...byPack], PACKS_AT_ONCE, async ([pack, addresses]) => {
      try {
        const { content } = await this.artifacts.read(ownerOf(pack), PACK_ARTIFACT);
        for (const block of decodePack(content, addresses)) found.set(block.address, { ...block, pack });
      } catch (error) {
        problems.push(await this.dropUnreadable(pack, [...addresses], error));
      }
    });
    return {
      blocks: chosen.map((address) => (address === null ? null : (found.get(address) ?? null))),
      problems,
    };
  }

  /** Durable when it resolves. Two writers of one pack write the same bytes, and whoever loses is content. */
  async write({ pack, addresses, content }: FeaturePack): Promise<void> {
    const bytes = content.byteLength;
    await this.packs.register({ pack, usedAt: isoTime(this.clock), bytes, blocks: addresses });
    try {
      await this.artifacts.write(ownerOf(pack), PACK_ARTIFACT, content, 'application/octet-stream');
    } catch (error) {
      if (!isTrainyardError(error, 'CONFLICT')) throw error;
    }
    await this.packs.index(pack, addresses);
  }

  /** Counts the packs as used now. */
  async touch(packs: readonly string[]): Promise<void> {
    const now = isoTime(this.clock);
    await inParallel(packs, PACKS_AT_ONCE, async (pack) => this.packs.touch(pack, now));
  }

  /** False when somebody used it meanwhile. */
  async remove(record: PackRecord): Promise<boolean> {
    const claimed = await this.packs.claim(record, isoTime(this.clock));
    if (claimed === null) return false;
    await this.packs.unindex(record.pack, record.blocks);
    await this.artifacts.deleteAll(ownerOf(record.pack));
    await this.packs.forget(record.pack);
    return true;
  }

  private async dropUnreadable(pack: string, addresses: readonly string[], error: unknown): Promise<string> {
    const reason = error instanceof Error ? error.message : String(error);
    if (isTrainyardError(error, 'STORAGE_UNAVAILABLE')) return `the database did not answer (${reason})`;
    this.logger.warn(`pack ${pack} is dropped and its blocks are computed again: ${reason}`);
    await this.packs.unindex(pack, addresses);
    await this.artifacts.deleteAll(ownerOf(pack));
    return `a pack of ${addresses.length} wanted blocks could not be read (${reason})`;
  }
}

function ownerOf(pack: string): string {
  return `feature-pack/${pack}`;
}
