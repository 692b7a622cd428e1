/**
 * Area under the ROC curve: the probability that a random positive has a higher score than a random negative, ties
 * counting half; by ranks (Mann–Whitney U / (n₁ · n₀)). Null where one class is not there. Source: Hanley, McNeil,
 * Radiology 143 (1982). `labels`: 0 and 1.
 */
export function areaUnderCurve(scores: Float64Array, labels: Uint8Array): number | null {
  const ones = labels.reduce((sum, label) => sum + label, 0);
  const zeros = labels.length - ones;
  if (ones === 0 || zeros === 0) return null;
  const order = Uint32Array.from(labels.keys()).sort((left, right) => scores[left]! - scores[right]!);
  let rankSum = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && scores[order[to]!] === scores[order[from]!]) to++;
    // Equal scores share the mean of their ranks, from + 1 … to.
    const rank = (from + 1 + to) / 2;
    for (; from < to; from++) rankSum += labels[order[from]!]! * rank;
  }
  return (rankSum - (ones * (ones + 1)) / 2) / (ones * zeros);
}

/** Mean of (p − y)². 0 is perfect. Source: Brier, Monthly Weather Review 78 (1950). NaN without values. */
export function brierScore(probabilities: Float64Array, labels: Uint8Array): number {
  return probabilities.reduce((sum, p, at) => sum + (p - labels[at]!) ** 2, 0) / labels.length;
}
