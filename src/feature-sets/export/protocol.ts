import type { EncodedError } from '../../common/errors/index.js';
import type { FeatureTable } from './feature-table.js';

/** What the thread that was given a `FeatureTableOrder` answers, once. */
export type FeatureTableAnswer =
  { readonly type: 'made'; readonly table: FeatureTable } | { readonly type: 'failed'; readonly error: EncodedError };
