/** Moves a vector of parameters against its gradient, in place. */
export type Descent = (parameters: Float64Array, gradient: Float64Array) => void;

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-7;

/** w ← w − rate·g. */
export function gradientDescent(learningRate: number): Descent {
  return (parameters, gradient) => {
    for (let at = 0; at < parameters.length; at++) parameters[at]! -= learningRate * gradient[at]!;
  };
}

/**
 * m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², w ← w − rate·√(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε). Source: Kingma & Ba,
 * Adam, ICLR 2015, the reordered form of section 2, with Keras' ε.
 */
export function adam(learningRate: number, length: number): Descent {
  const first = new Float64Array(length);
  const second = new Float64Array(length);
  let [beta1Power, beta2Power] = [1, 1];
  return (parameters, gradient) => {
    beta1Power *= BETA_1;
    beta2Power *= BETA_2;
    const rate = (learningRate * Math.sqrt(1 - beta2Power)) / (1 - beta1Power);
    for (let at = 0; at < length; at++) {
      const g = gradient[at]!;
      const m = BETA_1 * first[at]! + (1 - BETA_1) * g;
      const v = BETA_2 * second[at]! + (1 - BETA_2) * g * g;
      first[at] = m;
      second[at] = v;
      parameters[at]! -= (rate * m) / (Math.sqrt(v) + EPSILON);
    }
  };
}
