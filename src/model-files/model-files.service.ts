import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/index.js';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError } from '../common/errors/index.js';
import { newId } from '../common/ids.js';
import type { Page, PageRequest } from '../common/page.js';
import type { StoredModelFile } from './model-file.js';
import { ModelFilesRepository, type KeptModelFile } from './model-files.repository.js';
import { readInThread } from './reading/read-in-thread.js';

/** Which of these executions exist. */
export type ExecutionCheck = (executionIds: readonly string[]) => Promise<string[]>;

export interface AddedModelFile {
  readonly file: StoredModelFile;
  /** False: these bytes were there already. */
  readonly isNew: boolean;
}

const CONTENT_TYPE = 'application/octet-stream';
const MAXIMUM_NAME = 200;
const USERS_NAMED = 5;

/** Models that were trained elsewhere, by the SHA-256 of their bytes: checked when they come, never executed here. */
@Injectable()
export class ModelFilesService {
  private existing: ExecutionCheck = (executionIds) => Promise.resolve([...executionIds]);

  constructor(
    private readonly repository: ModelFilesRepository,
    private readonly artifacts: ArtifactStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A usage is written before its execution, and a crash may come between. One room registers, once, at start. */
  registerExecutionCheck(check: ExecutionCheck): void {
    this.existing = check;
  }

  /** Nothing is stored of a file that is refused. */
  async add(content: Uint8Array, name: string | null, uploadedBy: string): Promise<AddedModelFile> {
    const sha256 = createHash('sha256').update(content).digest('hex');
    const known = await this.repository.find(sha256);
    if (known !== null) return { file: known.file, isNew: false };
    const summary = await readInThread(content);
    const file: StoredModelFile = {
      ...summary,
      sha256,
      name: nameOf(name) ?? `model.${summary.format}`,
      bytes: content.length,
      uploadedBy,
      uploadedAt: isoTime(this.clock),
    };
    // Bytes first, under a name of this upload's own: a deletion meanwhile removes those that it knows of.
    const generation = newId('gen');
    await this.artifacts.write(ownerOf(sha256), generation, content, CONTENT_TYPE);
    if (await this.repository.create(file, generation)) return { file, isNew: true };
    await this.artifacts.delete(ownerOf(sha256), generation);
    return { file: (await this.getKept(sha256)).file, isNew: false };
  }

  async get(sha256: string): Promise<StoredModelFile> {
    return (await this.getKept(sha256)).file;
  }

  /** Newest first. */
  list(page: PageRequest): Promise<Page<StoredModelFile>> {
    return this.repository.list(page);
  }

  /** Bytes, verified. */
  async read(sha256: string): Promise<{ file: StoredModelFile; content: Uint8Array }> {
    const { file, generation } = await this.getKept(sha256);
    const { content } = await this.artifacts.read(ownerOf(sha256), generation);
    return { file, content };
  }

  /** The executions that use it. */
  async usersOf(sha256: string): Promise<string[]> {
    return this.existing(await this.repository.usersOf(sha256));
  }

  /** `MODEL_FILE_NOT_FOUND` when it was deleted meanwhile; from here on it is not. */
  async addUsage(sha256: string, executionId: string): Promise<void> {
    if (await this.repository.addUsage(sha256, executionId, isoTime(this.clock))) return;
    throw notFound(sha256);
  }

  async dropUsage(sha256: string, executionId: string): Promise<void> {
    await this.repository.dropUsage(sha256, executionId);
  }

  async delete(sha256: string): Promise<void> {
    const kept = await this.getKept(sha256);
    const named = await this.repository.usersOf(sha256);
    const users = await this.existing(named);
    if (users.length > 0) {
      throw new TrainyardError(
        'MODEL_FILE_IN_USE',
        `Model file ${kept.file.name} is used by ${users.length} executions (${users.slice(0, USERS_NAMED).join(', ')}): delete those first`,
        { sha256, executions: users },
      );
    }
    await this.repository.delete(kept);
    for (const executionId of named) await this.repository.dropUsage(sha256, executionId);
    await this.artifacts.delete(ownerOf(sha256), kept.generation);
  }

  private async getKept(sha256: string): Promise<KeptModelFile> {
    const kept = await this.repository.find(sha256);
    if (kept === null) throw notFound(sha256);
    return kept;
  }
}

function ownerOf(sha256: string): string {
  return `model-file/${sha256}`;
}

/** The last part of a path, without what would end up in logs and headers; null when nothing is left. */
function nameOf(given: string | null): string | null {
  // eslint-disable-next-line no-control-regex
  const name = (given?.split(/[\\/]/).at(-1) ?? '').replaceAll(/[\u0000-\u001f\u007f]/g, '').trim();
  return name === '' ? null : name.slice(0, MAXIMUM_NAME);
}

function notFound(sha256: string): TrainyardError {
  return new TrainyardError(
    'MODEL_FILE_NOT_FOUND',
    `There is no model file "${sha256.slice(0, 80)}": upload it with POST /model-files`,
    { sha256 },
  );
}
