import type { NetworkLayer } from '../../engine/network.js';
import type { ParameterSpace, ValuesOf } from '../../parameters.js';
import { dropoutLayers, headLayers, type CoreShape, type NetworkCore } from './network-core.js';

export const RECURRENT_PARAMETERS = {
  units: {
    kind: 'integers',
    default: [32],
    minimum: 1,
    maximum: 512,
    minimumLength: 1,
    maximumLength: 4,
    description: 'Units of each recurrent layer, from the window to the head.',
  },
  bidirectional: {
    kind: 'boolean',
    default: false,
    description: 'Each layer reads the window in both directions, with as many units for each.',
  },
  dropout: {
    kind: 'number',
    default: 0,
    minimum: 0,
    maximum: 0.9,
    description: 'Share of the values after each recurrent layer that training drops.',
  },
} as const satisfies ParameterSpace;

/** Recurrent layers over the window, the last state of the last one, and a Dense layer to all steps at once. */
export function recurrentCore(
  cell: 'LSTM' | 'GRU',
  { units, bidirectional, dropout }: ValuesOf<typeof RECURRENT_PARAMETERS>,
  shape: CoreShape,
): NetworkCore {
  const layers = units.flatMap((count, n): NetworkLayer[] => {
    const name = `${cell.toLowerCase()}_${n + 1}`;
    const config = { units: count, return_sequences: n < units.length - 1 };
    return [
      bidirectional
        ? { type: 'Bidirectional', name, config: { layer: { class_name: cell, config } } }
        : { type: cell, name, config },
      ...dropoutLayers(`dropout_${n + 1}`, dropout),
    ];
  });
  return { layers: [...layers, ...headLayers(shape)] };
}
