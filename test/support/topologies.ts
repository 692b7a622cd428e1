/** Topologies as Keras 3 writes them, with open shapes: one vector of horizon · outputs values at the end. */
export function denseTopology(horizon: number, outputs: number, units = 8): string {
  return sequential([
    ['Flatten', { name: 'flat' }],
    ['Dense', { name: 'hidden', units, activation: 'relu' }],
    ['Dense', { name: 'steps', units: horizon * outputs }],
  ]);
}

/** A causal convolution, dilated ones behind it, and the mean of the steps; ends in [horizon, outputs]. */
export function convolutionTopology(horizon: number, outputs: number, filters = 5): string {
  return sequential([
    ['Conv1D', { name: 'near', filters, kernel_size: [3], padding: 'causal', activation: 'relu' }],
    ['Conv1D', { name: 'far', filters, kernel_size: [3], padding: 'causal', dilation_rate: [3], activation: 'tanh' }],
    ['Dropout', { name: 'drop', rate: 0.1 }],
    ['GlobalAveragePooling1D', { name: 'mean' }],
    ['Dense', { name: 'values', units: horizon * outputs }],
    ['Reshape', { name: 'shaped', target_shape: [horizon, outputs] }],
  ]);
}

export function sequential(layers: readonly (readonly [string, Record<string, unknown>])[]): string {
  const entries = layers.map(([type, config]) => ({ class_name: type, config }));
  return JSON.stringify({ class_name: 'Sequential', config: { name: 'own', layers: entries } });
}
