import type { ModelFileFormat, ModelFileSummary } from '../ml/import/model-file.js';

/** A model that was trained elsewhere, as a file. Its address is the SHA-256 of its bytes. */
export interface StoredModelFile extends ModelFileSummary {
  readonly sha256: string;
  /** As its uploader calls it. */
  readonly name: string;
  readonly bytes: number;
  readonly uploadedBy: string;
  readonly uploadedAt: string;
}

/** What an execution that uses a file keeps of it, and the model version that it makes. */
export interface ModelFileOrigin {
  readonly sha256: string;
  readonly name: string;
  readonly format: ModelFileFormat;
  readonly bytes: number;
  readonly uploadedBy: string;
  readonly uploadedAt: string;
}
