/**
 * Weights of train windows that age: w(t) = 2^((t − T) / halfLife) with t the origin in rows and T the newest one, then
 * divided by their mean. Ascending origins, at least one. With mean 1 a loss stays as large as it was, and with it what
 * a learning rate or a penalty means.
 */
export function sampleWeights(origins: Int32Array, halfLife: number): Float64Array {
  const newest = origins[origins.length - 1]!;
  const weights = Float64Array.from(origins, (origin) => 2 ** ((origin - newest) / halfLife));
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  return weights.map((weight) => weight / mean);
}
