/** Plain data: what a checkpoint holds so that training goes on bit for bit. */
export interface AdamState {
  readonly step: number;
  /** β₁^step and β₂^step, carried as products: `Math.pow` may differ in the last bit between platforms. */
  readonly beta1Power: number;
  readonly beta2Power: number;
  /** First and second moments, by weight. */
  readonly first: Readonly<Record<string, Float32Array>>;
  readonly second: Readonly<Record<string, Float32Array>>;
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-7;

export interface Adam {
  /** Changes `weights` in place; both by weight name, equal lengths. */
  apply(weights: Readonly<Record<string, Float32Array>>, gradients: Readonly<Record<string, Float32Array>>): void;
  /** A copy. */
  state(): AdamState;
}

/**
 * Adam with bias correction as Keras computes it: α = η·√(1 − β₂ᵗ) / (1 − β₁ᵗ); w ← w − α·m / (√v + ε), with β₁ 0.9,
 * β₂ 0.999, ε 1e-7. In TypeScript rather than in tensor operations: its whole state is ours to store, and a few thousand
 * weights cost less than the calls would. Source: Kingma & Ba, Adam, ICLR 2015, the reordered form of section 2.
 */
export function createAdam(learningRate: number, from: AdamState | null = null): Adam {
  let step = from?.step ?? 0;
  let beta1Power = from?.beta1Power ?? 1;
  let beta2Power = from?.beta2Power ?? 1;
  const first = copy(from?.first ?? {});
  const second = copy(from?.second ?? {});
  return {
    apply(weights, gradients) {
      step++;
      beta1Power *= BETA_1;
      beta2Power *= BETA_2;
      const rate = (learningRate * Math.sqrt(1 - beta2Power)) / (1 - beta1Power);
      for (const [name, weight] of Object.entries(weights)) {
        const gradient = gradients[name];
        if (!gradient) throw new Error(`there is no gradient of ${name}`);
        const m = (first[name] ??= new Float32Array(weight.length));
        const v = (second[name] ??= new Float32Array(weight.length));
        for (let at = 0; at < weight.length; at++) {
          const g = gradient[at]!;
          m[at] = BETA_1 * m[at]! + (1 - BETA_1) * g;
          v[at] = BETA_2 * v[at]! + (1 - BETA_2) * g * g;
          weight[at]! -= (rate * m[at]!) / (Math.sqrt(v[at]!) + EPSILON);
        }
      }
    },
    state: () => ({ step, beta1Power, beta2Power, first: copy(first), second: copy(second) }),
  };
}

function copy(moments: Readonly<Record<string, Float32Array>>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(moments).map(([name, values]) => [name, values.slice()]));
}
