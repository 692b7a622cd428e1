import { createHash } from 'node:crypto';
import { TrainyardError } from '../common/errors/index.js';
import type { Endpoint, Variant } from './endpoint.js';

/** What a request says about the variant that is to answer it. */
export interface VariantWish {
  /** This one, whatever its weight. */
  readonly targetVariant?: string;
  /** Requests of one id get the same variant as long as the weights stay. */
  readonly inferenceId?: string;
}

/** Uniform in [0, 1). */
export type RandomSource = () => number;

export const RANDOM_SOURCE = Symbol('RandomSource');

/**
 * The variant that answers: the one that is named; by the inference id; otherwise at random by weight. `VARIANT_UNKNOWN`
 * where the endpoint has none of that name.
 */
export function chooseVariant(
  { name, variants }: Pick<Endpoint, 'name' | 'variants'>,
  { targetVariant, inferenceId }: VariantWish,
  random: RandomSource,
): Variant {
  if (targetVariant !== undefined) {
    const named = variants.find((variant) => variant.name === targetVariant);
    if (named !== undefined) return named;
    const names = variants.map((variant) => variant.name);
    throw new TrainyardError(
      'VARIANT_UNKNOWN',
      `Endpoint "${name}" has no variant "${targetVariant}": it has ${names.join(', ')}`,
      { endpoint: name, targetVariant, variants: names },
    );
  }
  const [first] = variants;
  if (first === undefined) throw new Error(`endpoint ${name} has no variant`);
  if (variants.length === 1) return first;
  return inferenceId === undefined ? atRandom(variants, random()) : byId(variants, inferenceId);
}

function atRandom(variants: readonly Variant[], uniform: number): Variant {
  const open = variants.filter(({ weight }) => weight > 0);
  let left = uniform * open.reduce((sum, { weight }) => sum + weight, 0);
  for (const variant of open) {
    left -= variant.weight;
    if (left < 0) return variant;
  }
  // The sum of the weights may be rounded up.
  return open.at(-1)!;
}

/**
 * Weighted rendezvous hashing: the largest −weight / ln(u) wins, u uniform by a hash of id and variant. Each variant gets
 * its share of the ids, and when a weight changes only ids of that variant's gain or loss move.
 * Source: https://www.snia.org/sites/default/files/SDC15_presentations/dist_sys/Jason_Resch_New_Consistent_Hashings_Rev.pdf
 */
function byId(variants: readonly Variant[], inferenceId: string): Variant {
  const scored = variants
    .filter(({ weight }) => weight > 0)
    .map((variant) => ({ variant, score: -variant.weight / Math.log(uniformOf(`${variant.name}\n${inferenceId}`)) }));
  return scored.reduce((best, one) => (one.score > best.score ? one : best)).variant;
}

/** In (0, 1): 48 bits of the SHA-256, so that the logarithm is finite and not 0. */
function uniformOf(text: string): number {
  const bits = createHash('sha256').update(text).digest().readUIntBE(0, 6);
  return (bits + 0.5) / 2 ** 48;
}
