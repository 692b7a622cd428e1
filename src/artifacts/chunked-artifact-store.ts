import { createHash } from 'node:crypto';
import { isoTime, type Clock } from '../common/clock.js';
import { TrainyardError, isTrainyardError } from '../common/errors/index.js';
import { newId } from '../common/ids.js';
import { inParallel } from '../common/in-parallel.js';
import type { Database, Stored, Table } from '../database/index.js';
import { ArtifactStore, type Artifact, type ArtifactContent } from './artifact.js';
import { chunkCount, countChunks, deleteChunks, readChunks, writeChunks } from './artifact-chunks.js';
import {
  ARTIFACT_CHUNK_TABLE,
  ARTIFACT_TABLE,
  LOOSE,
  LOOSE_GENERATION_TABLE,
  type ArtifactChunk,
  type ArtifactManifest,
  type LooseGeneration,
} from './artifact.entity.js';

/** A reader whose content is replaced while it reads starts again, so often at most. */
const READ_TRIES = 10;
const DELETE_TRIES = 10;
const DELETES_AT_ONCE = 4;

/**
 * `ArtifactStore` over three tables. A write registers a fresh generation as loose, writes its chunks, and then makes
 * it the artifact in one transaction that also registers the generation it replaces. Whatever a crash leaves behind is
 * loose, and `sweep` finds it without looking anywhere else.
 */
export class ChunkedArtifactStore extends ArtifactStore {
  private readonly manifests: Table<ArtifactManifest>;
  private readonly chunks: Table<ArtifactChunk>;
  private readonly loose: Table<LooseGeneration>;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
    this.manifests = database.table(ARTIFACT_TABLE);
    this.chunks = database.table(ARTIFACT_CHUNK_TABLE);
    this.loose = database.table(LOOSE_GENERATION_TABLE);
  }

  async write(owner: string, name: string, content: Uint8Array, contentType: string): Promise<Artifact> {
    const current = await this.manifests.find({ owner, name });
    const manifest: ArtifactManifest = {
      owner,
      name,
      contentType,
      bytes: content.byteLength,
      sha256: sha256(content),
      chunks: chunkCount(content.byteLength),
      createdAt: isoTime(this.clock),
      generation: newId('gen'),
    };
    const entry = await this.loose.create(this.looseEntry(manifest));
    let replaced: LooseGeneration | null;
    try {
      await writeChunks(this.chunks, manifest.generation, content);
      replaced = await this.commit(current, manifest, entry);
    } catch (error) {
      // Claimed first: a commit whose answer was lost may have made it the artifact.
      await this.orLeaveToSweep(async () => this.claimAndRemove(entry));
      throw error;
    }
    if (replaced !== null) await this.removeLoose(replaced);
    return artifactOf(manifest);
  }

  async read(owner: string, name: string): Promise<ArtifactContent> {
    for (let tries = 1; ; tries++) {
      const manifest = await this.manifests.find({ owner, name });
      if (manifest === null) {
        throw new TrainyardError('ARTIFACT_NOT_FOUND', `there is no artifact "${name}" of ${owner}`, { owner, name });
      }
      const content = await readChunks(this.chunks, manifest.generation, manifest.chunks);
      const found = content === null ? 'a chunk is missing' : sha256(content);
      if (content !== null && found === manifest.sha256) return { ...artifactOf(manifest), content };
      // Chunks of a replaced generation are deleted at once: not damage, if there is another one by now.
      const now = await this.manifests.find({ owner, name });
      if (now?.generation === manifest.generation || tries === READ_TRIES) throw corrupt(manifest, found);
    }
  }

  async find(owner: string, name: string): Promise<Artifact | null> {
    const manifest = await this.manifests.find({ owner, name });
    return manifest === null ? null : artifactOf(manifest);
  }

  async list(owner: string): Promise<Artifact[]> {
    const artifacts: Artifact[] = [];
    for await (const manifest of this.manifests.queryAll({ partition: owner })) artifacts.push(artifactOf(manifest));
    return artifacts;
  }

  async delete(owner: string, name: string): Promise<void> {
    for (let tries = 1; ; tries++) {
      const current = await this.manifests.find({ owner, name });
      if (current === null) return;
      const entry = this.looseEntry(current);
      try {
        await this.database.transact([this.manifests.toDelete(current), this.loose.toCreate(entry)]);
        return await this.removeLoose(entry);
      } catch (error) {
        if (!isTrainyardError(error, 'CONFLICT') || tries === DELETE_TRIES) throw error;
      }
    }
  }

  async deleteAll(owner: string): Promise<void> {
    await inParallel(await this.list(owner), DELETES_AT_ONCE, async ({ name }) => this.delete(owner, name));
  }

  async sweep(olderThanMs: number): Promise<number> {
    const before = new Date(this.clock.now() - olderThanMs).toISOString();
    let swept = 0;
    for await (const entry of this.loose.queryAll({ partition: LOOSE, sort: { lessThan: before } })) {
      swept += await this.claimAndRemove(entry);
    }
    return swept;
  }

  /** Makes the generation the artifact, unless the artifact or the registration changed since they were read. */
  private async commit(
    current: Stored<ArtifactManifest> | null,
    manifest: ArtifactManifest,
    entry: Stored<LooseGeneration>,
  ): Promise<LooseGeneration | null> {
    if (current === null) {
      await this.database.transact([this.loose.toDelete(entry), this.manifests.toCreate(manifest)]);
      return null;
    }
    const replaced = this.looseEntry(current);
    await this.database.transact([
      this.loose.toDelete(entry),
      this.manifests.toUpdate(current, manifest),
      this.loose.toCreate(replaced),
    ]);
    return replaced;
  }

  /**
   * Removes a generation that may still have a writer; how many chunks there were. Counting the version of the entry
   * up makes the commit of that writer fail, which needs version 1; when the entry is gone, the commit was faster.
   */
  private async claimAndRemove(entry: LooseGeneration): Promise<number> {
    const claimed = await this.loose.modify(entry, () => ({ sweptAt: isoTime(this.clock) }));
    if (claimed === null) return 0;
    const count = await countChunks(this.chunks, entry.generation, entry.chunks);
    await deleteChunks(this.chunks, entry.generation, entry.chunks);
    await this.loose.delete(entry);
    return count;
  }

  /** Removes a generation that was an artifact until now. */
  private async removeLoose(entry: LooseGeneration): Promise<void> {
    await this.orLeaveToSweep(async () => {
      await deleteChunks(this.chunks, entry.generation, entry.chunks);
      await this.loose.delete(entry);
    });
  }

  /** The outcome that the caller waits for is settled already, and the entry stays: the sweep removes it later. */
  private async orLeaveToSweep(remove: () => Promise<unknown>): Promise<void> {
    try {
      await remove();
    } catch (error) {
      if (!isTrainyardError(error, 'STORAGE_UNAVAILABLE')) throw error;
    }
  }

  private looseEntry({ generation, chunks, owner, name }: ArtifactManifest): LooseGeneration {
    return {
      list: LOOSE,
      since: `${isoTime(this.clock)}/${generation}`,
      generation,
      chunks,
      artifact: `${owner}/${name}`,
    };
  }
}

function artifactOf({ owner, name, contentType, bytes, sha256, chunks, createdAt }: ArtifactManifest): Artifact {
  return { owner, name, contentType, bytes, sha256, chunks, createdAt };
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function corrupt(manifest: ArtifactManifest, found: string): TrainyardError {
  const { owner, name, sha256: expected } = manifest;
  return new TrainyardError(
    'ARTIFACT_CORRUPT',
    `the stored bytes of "${name}" of ${owner} are not what was written (SHA-256 ${expected} recorded, ${found} found): restore the database, or create the artifact again`,
    { owner, name, expected, found },
  );
}
