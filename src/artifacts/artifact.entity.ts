import type { TableDefinition } from '../database/index.js';
import type { Artifact } from './artifact.js';

/** The manifest: what makes the chunks of one generation an artifact. */
export interface ArtifactManifest extends Artifact {
  /** Whose chunks are the content. */
  readonly generation: string;
}

export const ARTIFACT_TABLE: TableDefinition<ArtifactManifest> = {
  name: 'artifact',
  partitionKey: 'owner',
  sortKey: 'name',
  attributes: {
    owner: 'string',
    name: 'string',
    contentType: 'string',
    bytes: 'number',
    sha256: 'string',
    chunks: 'number',
    createdAt: 'string',
    generation: 'string',
  },
};

export interface ArtifactChunk {
  readonly generation: string;
  /** From 0. */
  readonly index: number;
  /** Base64. */
  readonly data: string;
}

export const ARTIFACT_CHUNK_TABLE: TableDefinition<ArtifactChunk> = {
  name: 'artifact-chunk',
  partitionKey: 'generation',
  sortKey: 'index',
  attributes: { generation: 'string', index: 'number', data: 'string' },
};

/**
 * A generation that no manifest names: being written, or replaced and not yet removed. Naming a generation in a
 * manifest and striking it off this list is one transaction, so each is in exactly one of the two places, and the sweep
 * may delete whatever it finds here.
 */
export interface LooseGeneration {
  /** Always `LOOSE`: one partition, so that the sweep is a query. */
  readonly list: string;
  /** Time and generation, so that the oldest come first. */
  readonly since: string;
  readonly generation: string;
  readonly chunks: number;
  /** For people who look into the table. */
  readonly artifact: string;
  /** Set by the sweep before it deletes; from then on the generation cannot become an artifact. */
  readonly sweptAt?: string;
}

export const LOOSE = 'loose';

export const LOOSE_GENERATION_TABLE: TableDefinition<LooseGeneration> = {
  name: 'artifact-loose-generation',
  partitionKey: 'list',
  sortKey: 'since',
  attributes: {
    list: 'string',
    since: 'string',
    generation: 'string',
    chunks: 'number',
    artifact: 'string',
    sweptAt: 'string',
  },
};

export const ARTIFACT_TABLES = [ARTIFACT_TABLE, ARTIFACT_CHUNK_TABLE, LOOSE_GENERATION_TABLE];
