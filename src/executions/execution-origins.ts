import type { DatasetVersion } from '../datasets/index.js';
import type { ModelFileOrigin } from '../model-files/index.js';
import type { TemplateParameters } from '../templates/index.js';

/** An earlier result that a training is built upon. */
export interface TrainedOrigin {
  readonly executionId: string;
  /** The model version it was named by; null when it was named by its execution. */
  readonly model: { readonly name: string; readonly version: number } | null;
  /** SHA-256 of its canonical model state. */
  readonly modelSha256: string;
}

/**
 * What an execution takes over from earlier results. The bytes are copied when it is started, so that it does not matter
 * to it what becomes of them later.
 */
export interface TakenOver {
  /** With every version that was left open fixed. */
  readonly parameters: TemplateParameters;
  /** Paths of the fields that were fixed. */
  readonly fixed: readonly string[];
  readonly warmStart: TrainedOrigin | null;
  /** Of an ensemble; absent for all others. */
  readonly members?: TrainedOrigin[];
  /** The file of an imported model; absent for all others. */
  readonly modelFile?: ModelFileOrigin;
  /** Become artifacts of the execution. */
  readonly files: readonly { readonly name: string; readonly contentType: string; readonly content: Uint8Array }[];
}

/** Finds what parameters name and refuses what does not fit them; null when they name nothing. */
export type OriginReader = (parameters: TemplateParameters, dataset: DatasetVersion) => Promise<TakenOver | null>;
