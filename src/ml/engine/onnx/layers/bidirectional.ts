import { concat } from '../../graph/movement.js';
import { wrappedLayer } from '../../layers.js';
import { gru } from './gru.js';
import type { LayerLowering } from './layer-lowering.js';
import { lstm } from './lstm.js';

/**
 * The wrapped recurrent layer forwards and backwards, joined along the last axis.
 * Source: Schuster & Paliwal, Bidirectional Recurrent Neural Networks, IEEE Transactions on Signal Processing 45 (1997).
 */
export const bidirectional: LayerLowering = (g, layer, inputs, { weights, mask }) => {
  const { type, config } = wrappedLayer(layer.config);
  const lowering = type === 'LSTM' ? lstm : gru;
  const directions = ['forward', 'backward'].map((direction) => {
    const own = Object.entries(weights)
      .filter(([name]) => name.startsWith(`${direction}_`))
      .map(([name, tensor]) => [name.slice(direction.length + 1), tensor] as const);
    return lowering(g, { ...layer, config: { ...config, go_backwards: direction === 'backward' } }, inputs, {
      weights: Object.fromEntries(own),
      mask,
    });
  });
  return concat(g, directions, directions[0]!.shape.length - 1);
};
