import type { GraphBuilder, SymbolicTensor } from './graph-builder.js';

export interface ScanStep {
  /** In the order and shapes of the states it was given. */
  readonly states: readonly SymbolicTensor[];
  /** Collected over all steps. */
  readonly collected: readonly SymbolicTensor[];
}

export interface ScanResult {
  /** After the last step. */
  readonly states: readonly SymbolicTensor[];
  /** [steps, …shape] each, in the order of the inputs whatever the direction. */
  readonly collected: readonly SymbolicTensor[];
}

/**
 * Repeats `body` over the first axis of `inputs`, forwards or backwards. Not recorded: a caller that wants gradients
 * records its own, written by hand, over the whole scan.
 */
export function scan(
  g: GraphBuilder,
  initial: readonly SymbolicTensor[],
  inputs: readonly SymbolicTensor[],
  body: (states: readonly SymbolicTensor[], slices: readonly SymbolicTensor[]) => ScanStep,
  direction: 'forward' | 'backward' = 'forward',
): ScanResult {
  const steps = inputs[0]!.shape[0]!;
  const scope = g.nodes.length;
  const states = initial.map(({ shape, type }, n) => g.input(`state${n}_${scope}_${inputs[0]!.name}`, shape, type));
  const slices = inputs.map(({ shape, type }, n) =>
    g.input(`slice${n}_${scope}_${inputs[0]!.name}`, shape.slice(1), type),
  );
  let counts = { states: 0, collected: 0 };
  let shapes: (readonly number[])[] = [];
  const { body: subgraph, captures } = g.subgraph([...states, ...slices], () => {
    const step = body(states, slices);
    counts = { states: step.states.length, collected: step.collected.length };
    shapes = [...step.states.map(({ shape }) => shape), ...step.collected.map(({ shape }) => [steps, ...shape])];
    return [...step.states, ...step.collected];
  });
  if (counts.states !== initial.length) throw new Error(`a scan of ${initial.length} states gave ${counts.states}`);
  const backwards = direction === 'backward';
  const results = g.emitWithBody(
    'Scan',
    [...initial, ...inputs],
    shapes,
    {
      body: { graph: subgraph },
      num_scan_inputs: { int: inputs.length },
      ...(backwards
        ? {
            scan_input_directions: { ints: inputs.map(() => 1) },
            scan_output_directions: { ints: Array.from({ length: counts.collected }, () => 1) },
          }
        : {}),
    },
    captures,
  );
  return { states: results.slice(0, counts.states), collected: results.slice(counts.states) };
}
