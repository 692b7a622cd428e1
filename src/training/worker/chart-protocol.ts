import type { EncodedError } from '../../common/errors/index.js';
import type { ChartSpec } from '../../ml/plots/theme.js';

/** What a chart thread is started with. */
export interface ChartThreadStart {
  /** It has nothing to draw yet, and compiles its code on a chart that nobody sees. */
  readonly warmsUp: boolean;
}

export interface ChartRequest {
  readonly id: number;
  readonly spec: ChartSpec;
}

export type ChartResponse =
  | { readonly id: number; readonly type: 'drawn'; readonly svg: string }
  | { readonly id: number; readonly type: 'failed'; readonly error: EncodedError };
