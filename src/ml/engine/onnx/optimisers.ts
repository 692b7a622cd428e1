import { add, divide, multiply } from '../graph/elementwise.js';
import type { GraphBuilder, SymbolicTensor } from '../graph/graph-builder.js';
import { addScaled } from '../graph/products.js';
import type { OptimiserSpecification, OptimiserState } from '../training-setup.js';

export interface OptimiserStep {
  readonly parameter: SymbolicTensor;
  /** In the order of `slots`. */
  readonly slots: readonly SymbolicTensor[];
}

/** An optimiser written into the graph of a training step. Parameters, gradients and slots are rows [1, n]. */
export interface GraphOptimiser {
  /** Rows as long as the parameters that it keeps from step to step. */
  readonly slots: readonly string[];
  /** Numbers that the host computes for each step, given to `apply` as [1, 1]. */
  readonly scalars: readonly string[];
  apply(
    g: GraphBuilder,
    parameter: SymbolicTensor,
    gradient: SymbolicTensor,
    slots: readonly SymbolicTensor[],
    scalars: readonly SymbolicTensor[],
  ): OptimiserStep;
  /** The powers before the first step. */
  readonly initialPowers: OptimiserState['powers'];
  /** The scalars of one step in the order of `scalars`, and the powers after it. */
  advance(
    learningRate: number,
    powers: OptimiserState['powers'],
  ): { readonly scalars: readonly number[]; readonly powers: OptimiserState['powers'] };
}

export function graphOptimiser(specification: OptimiserSpecification): GraphOptimiser {
  switch (specification.name) {
    case 'sgd':
      return descent(specification.momentum);
    case 'adam':
      return adam(specification);
    case 'rmsprop':
      return rootMeanSquare(specification);
  }
}

/** v ← momentum·v − η·g; w ← w + v, as in Keras. */
function descent(momentum: number): GraphOptimiser {
  return {
    slots: momentum > 0 ? ['momentum'] : [],
    scalars: ['change'],
    apply(g, parameter, gradient, [velocity], [change]) {
      if (!velocity) return { parameter: addScaled(g, parameter, change!, gradient), slots: [] };
      const next = addScaled(g, multiply(g, gradient, change!), momentum, velocity);
      return { parameter: add(g, parameter, next), slots: [next] };
    },
    initialPowers: {},
    advance: (learningRate, powers) => ({ scalars: [-learningRate], powers }),
  };
}

/**
 * Adam, with decoupled decay AdamW. The moments are kept divided by (1 − β₁) and (1 − β₂), which saves an operation
 * each; the step is Keras': w ← w − α·m / (√v + ε), α = η·√(1 − β₂ᵗ) / (1 − β₁ᵗ).
 * Sources: Kingma & Ba, ICLR 2015, section 2; Loshchilov & Hutter, ICLR 2019.
 */
function adam({ beta1, beta2, epsilon, decay }: Extract<OptimiserSpecification, { name: 'adam' }>): GraphOptimiser {
  const scale = (1 - beta1) / Math.sqrt(1 - beta2);
  return {
    slots: ['first', 'second'],
    scalars: decay > 0 ? ['change', 'shrink'] : ['change'],
    apply(g, parameter, gradient, [first, second], [change, shrink]) {
      const v = addScaled(g, multiply(g, gradient, gradient), beta2, second!);
      const root = add(g, g.emit('Sqrt', [v], v.shape), epsilon / Math.sqrt(1 - beta2));
      const m = addScaled(g, gradient, beta1, first!);
      const kept = shrink ? multiply(g, parameter, shrink) : parameter;
      return { parameter: addScaled(g, kept, change!, divide(g, m, root)), slots: [m, v] };
    },
    initialPowers: { beta1Power: 1, beta2Power: 1 },
    advance(learningRate, powers) {
      const beta1Power = powers['beta1Power']! * beta1;
      const beta2Power = powers['beta2Power']! * beta2;
      const rate = ((learningRate * Math.sqrt(1 - beta2Power)) / (1 - beta1Power)) * scale;
      return {
        scalars: decay > 0 ? [-rate, 1 - learningRate * decay] : [-rate],
        powers: { beta1Power, beta2Power },
      };
    },
  };
}

/** v ← ρ·v + (1 − ρ)·g²; w ← w − η·g / √(v + ε), as in Keras. Source: Tieleman & Hinton 2012. */
function rootMeanSquare({ rho, epsilon }: Extract<OptimiserSpecification, { name: 'rmsprop' }>): GraphOptimiser {
  return {
    slots: ['second'],
    scalars: ['change'],
    apply(g, parameter, gradient, [second], [change]) {
      const v = addScaled(g, multiply(g, second!, rho), 1 - rho, multiply(g, gradient, gradient));
      const root = g.emit('Sqrt', [add(g, v, epsilon)], v.shape);
      return { parameter: addScaled(g, parameter, change!, divide(g, gradient, root)), slots: [v] };
    },
    initialPowers: {},
    advance: (learningRate, powers) => ({ scalars: [-learningRate], powers }),
  };
}
