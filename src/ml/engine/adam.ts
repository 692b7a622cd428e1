import type { OptimiserSpecification, OptimiserState } from './training-setup.js';

type Vectors = Readonly<Record<string, Float32Array>>;

export interface Adam {
  /** Changes `weights` in place; both by weight name, equal lengths. */
  apply(weights: Vectors, gradients: Vectors, learningRate: number): void;
  /** A copy. */
  state(): OptimiserState;
}

/**
 * Adam with bias correction as Keras computes it: α = η·√(1 − β₂ᵗ) / (1 − β₁ᵗ); w ← w − α·m / (√v + ε). The moments are
 * kept divided by (1 − β₁) and (1 − β₂), as in the graph of the onnx engine. In TypeScript rather than in tensor
 * operations: its whole state is ours to store, and a few thousand weights cost less than the calls would.
 * Source: Kingma & Ba, Adam, ICLR 2015, the reordered form of section 2.
 */
export function createAdam(
  { beta1, beta2, epsilon }: Extract<OptimiserSpecification, { name: 'adam' }>,
  from: OptimiserState | null = null,
): Adam {
  let step = from?.step ?? 0;
  let beta1Power = from?.powers['beta1Power'] ?? 1;
  let beta2Power = from?.powers['beta2Power'] ?? 1;
  const first = copy(from?.slots['first'] ?? {});
  const second = copy(from?.slots['second'] ?? {});
  return {
    apply(weights, gradients, learningRate) {
      step++;
      beta1Power *= beta1;
      beta2Power *= beta2;
      const rate = ((learningRate * Math.sqrt(1 - beta2Power)) / (1 - beta1Power)) * (1 - beta1);
      for (const [name, weight] of Object.entries(weights)) {
        const gradient = gradients[name];
        if (!gradient) throw new Error(`there is no gradient of ${name}`);
        const m = (first[name] ??= new Float32Array(weight.length));
        const v = (second[name] ??= new Float32Array(weight.length));
        for (let at = 0; at < weight.length; at++) {
          const g = gradient[at]!;
          m[at] = beta1 * m[at]! + g;
          v[at] = beta2 * v[at]! + g * g;
          weight[at]! -= (rate * m[at]!) / (Math.sqrt((1 - beta2) * v[at]!) + epsilon);
        }
      }
    },
    state: () => ({
      step,
      powers: { beta1Power, beta2Power },
      slots: { first: copy(first), second: copy(second) },
    }),
  };
}

function copy(moments: Vectors): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(moments).map(([name, values]) => [name, values.slice()]));
}
