import type { FeatureStatistics } from './feature-statistics.js';

/** One column of a feature set, in the order of the model inputs. */
export interface FeatureSetColumn extends FeatureStatistics {
  /** `{asset}_{feature}`, `{asset}_{feature}_{reference}`, or bare for the time axis. */
  readonly name: string;
  readonly asset: string | null;
  readonly step: string;
  /** Address of the block that holds it. */
  readonly block: string;
  /** False where computing it takes less time than reading it: it is made again when it is needed. */
  readonly stored: boolean;
}

/** The columns that the feature steps of a plan make from one dataset version. Times in milliseconds UTC. */
export interface FeatureSet {
  /** See `featureSetHash`. */
  readonly hash: string;
  readonly datasetContentHash: string;
  readonly rows: number;
  readonly start: number;
  readonly end: number;
  readonly columnCount: number;
  readonly steps: readonly string[];
  readonly createdAt: string;
  /** The execution that made it first. */
  readonly createdBy: string;
  /** When an execution used it last. */
  readonly usedAt: string;
}

/** An execution that used a feature set. */
export interface FeatureSetUsage {
  readonly executionId: string;
  readonly datasetId: string;
  readonly datasetVersion: number;
  readonly usedAt: string;
}
