import type { GraphBuilder, SymbolicTensor } from '../../graph/graph-builder.js';
import type { GraphLayer } from '../../network-graph.js';

export interface LayerSurroundings {
  /** By Keras name. */
  readonly weights: Readonly<Record<string, SymbolicTensor>>;
  /** What a dropout layer multiplies its values with; null outside training. */
  readonly mask: SymbolicTensor | null;
}

/**
 * Writes a layer into a graph: from its inputs, [rows, …shape] each, to its output, [rows, …shape]. Gradients follow
 * from the operators, unless the layer records its own.
 */
export type LayerLowering = (
  g: GraphBuilder,
  layer: GraphLayer,
  inputs: readonly SymbolicTensor[],
  surroundings: LayerSurroundings,
) => SymbolicTensor;
