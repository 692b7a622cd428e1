import type { EncodedError } from '../../common/errors/index.js';
import type { ModelFileSummary } from '../../ml/import/model-file.js';

/** What a reading thread, which is started with the bytes of a file, answers; once. */
export type ReadingAnswer =
  | { readonly type: 'read'; readonly summary: ModelFileSummary }
  | { readonly type: 'failed'; readonly error: EncodedError };
