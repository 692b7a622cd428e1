import type { Random } from '../../engine/random.js';
import { lossOf } from './error-products.js';

export interface GreedySelection {
  /** Times that each member was taken / rounds that are kept. */
  readonly weights: Float64Array;
  /** The kept rounds: those up to the smallest loss. */
  readonly rounds: number;
  /** Mean squared error of the weights. */
  readonly loss: number;
  /** False: `mayGoOn` ended it. */
  readonly isComplete: boolean;
}

/**
 * Greedy ensemble selection with replacement: each round adds the member that lowers the mean squared error of the average
 * most, members taken before included; the rounds up to the smallest error are kept. The first round takes the best
 * member, so the error is never above that of the best member. Equal gains go to the member that stands first.
 *
 * With E the mean products of errors (`ErrorProducts`) and c the counts of r members taken, the error of taking i next is
 * (cᵀEc + 2 (Ec)ᵢ + Eᵢᵢ) / (r + 1)²: a round costs one pass over the members.
 *
 * Source: Caruana, Niculescu-Mizil, Crew, Ksikes, "Ensemble Selection from Libraries of Models", ICML 2004.
 */
export function greedyWeights(
  products: Float64Array,
  candidates: readonly number[],
  rounds: number,
  mayGoOn: () => boolean = () => true,
): GreedySelection {
  const members = Math.round(Math.sqrt(products.length));
  const counts = new Float64Array(members);
  /** Ec. */
  const crossed = new Float64Array(members);
  let square = 0;
  let best = { loss: Infinity, rounds: 0, weights: counts };
  let taken = 0;
  let isComplete = true;
  while (taken < rounds) {
    if (taken > 0 && !mayGoOn()) {
      isComplete = false;
      break;
    }
    let next = candidates[0]!;
    let smallest = Infinity;
    for (const member of candidates) {
      const sum = square + 2 * crossed[member]! + products[member * members + member]!;
      if (sum < smallest) [smallest, next] = [sum, member];
    }
    square = smallest;
    counts[next]! += 1;
    for (let member = 0; member < members; member++) crossed[member]! += products[next * members + member]!;
    taken += 1;
    // Of the weights as they are used: the running sum has roundings of its own.
    const weights = counts.map((count) => count / taken);
    const loss = lossOf({ products }, weights);
    if (loss < best.loss) best = { loss, rounds: taken, weights };
  }
  return { ...best, isComplete };
}

export interface Bagging {
  readonly bags: number;
  /** Of the members in a bag, 0 … 1; at least one. */
  readonly share: number;
}

/**
 * The mean of the weights of several selections, each among its own random share of the members: a member that is best by
 * chance on these windows is not in all of them. Source: section 2.3 of the same paper. Where the mean is worse than the
 * best member alone, the selection among all members is kept: no ensemble errs more than its best member.
 */
export function baggedWeights(
  products: Float64Array,
  rounds: number,
  { bags, share }: Bagging,
  random: Random,
  mayGoOn: () => boolean = () => true,
): GreedySelection & { readonly isBagged: boolean } {
  const members = Math.round(Math.sqrt(products.length));
  const all = Array.from({ length: members }, (_, member) => member);
  const plain = greedyWeights(products, all, rounds, mayGoOn);
  if (bags === 0 || !plain.isComplete) return { ...plain, isBagged: false };
  const size = Math.max(1, Math.round(share * members));
  const weights = new Float64Array(members);
  let made = 0;
  for (; made < bags && (made === 0 || mayGoOn()); made++) {
    const bag = random
      .shuffle([...all])
      .slice(0, size)
      .sort((one, other) => one - other);
    greedyWeights(products, bag, rounds).weights.forEach((weight, member) => (weights[member]! += weight));
  }
  const mean = weights.map((weight) => weight / made);
  const loss = lossOf({ products }, mean);
  const isComplete = made === bags;
  const best = Math.min(...all.map((member) => products[member * members + member]!));
  if (loss > best) return { ...plain, isComplete, isBagged: false };
  return { weights: mean, rounds, loss, isComplete, isBagged: true };
}
