/** Share of the training windows that choose lambda when there is no validation window. */
const HELD_OUT_SHARE = 0.2;

/** Train windows cut in two, `fit` being the first ones, that share no row of the horizon; too few windows choose on themselves. */
export function holdOut(train: Int32Array, horizon: number): { fit: Int32Array; score: Int32Array } {
  const cut = Math.floor(train.length * (1 - HELD_OUT_SHARE));
  const lastFit = train[cut - 1] ?? 0;
  const score = train.slice(cut).filter((origin) => origin >= lastFit + horizon);
  return cut > 0 && score.length > 0 ? { fit: train.slice(0, cut), score } : { fit: train, score: train };
}
