/** What is known of stored bytes. The manifest is written last: while it is missing, the bytes do not exist. */
export interface Artifact {
  /** What the bytes belong to: an execution id, `model/<name>/<version>`, … */
  readonly owner: string;
  /** File name within the owner, for example `model.keras`. */
  readonly name: string;
  readonly contentType: string;
  readonly bytes: number;
  /** Lower-case hexadecimal SHA-256 of the content. */
  readonly sha256: string;
  readonly chunks: number;
  readonly createdAt: string;
}

export interface ArtifactContent extends Artifact {
  readonly content: Uint8Array;
}

/** Bytes over the database: base64 chunks first under a fresh generation, then the manifest, conditionally. */
export abstract class ArtifactStore {
  /** Writes or replaces. Readers see the old content or the new one, never a mixture. */
  abstract write(owner: string, name: string, content: Uint8Array, contentType: string): Promise<Artifact>;
  /** Reads and verifies; `ARTIFACT_NOT_FOUND`, `ARTIFACT_CORRUPT`. */
  abstract read(owner: string, name: string): Promise<ArtifactContent>;
  abstract find(owner: string, name: string): Promise<Artifact | null>;
  abstract list(owner: string): Promise<Artifact[]>;
  abstract delete(owner: string, name: string): Promise<void>;
  abstract deleteAll(owner: string): Promise<void>;
  /** Deletes chunks of generations that no manifest names and that are older than `olderThanMs`; how many chunks. */
  abstract sweep(olderThanMs: number): Promise<number>;
}
