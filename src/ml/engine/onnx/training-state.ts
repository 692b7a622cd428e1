import type { FlatWeights } from '../flat-weights.js';
import { sizeOf } from '../graph/graph-builder.js';
import type { OptimiserState } from '../training-setup.js';
import type { OnnxSession, RuntimeTensor } from './runtime.js';
import type { TrainingGraph, WeightGroup } from './training-graph.js';

type Values = Record<string, Float32Array>;

/**
 * Weights and optimiser slots of a training as the tensors its graph takes, twice: a run reads one set and writes the
 * other, since no tensor may be both.
 */
export interface TrainingState {
  /** By input name. */
  current(): Readonly<Record<string, RuntimeTensor>>;
  /** By output name. */
  next(): Readonly<Record<string, RuntimeTensor>>;
  /** What was next is now current. */
  advance(): void;
  /** Copies, by slot (`weights` too) and path. */
  read(slot: string): Values;
  write(slot: string, values: Readonly<Values>): void;
}

export function openTrainingState(
  session: OnnxSession,
  { groups, optimiser }: TrainingGraph,
  weights: FlatWeights,
  state: OptimiserState | null,
): TrainingState {
  const names = ['weights', ...optimiser.slots].flatMap((slot) => groups.map((group) => ({ slot, group })));
  const sets = [0, 1].map(() =>
    names.map(({ group }) => session.tensor(new Float32Array(sizeOf(group.shape)), group.shape)),
  );
  let now = 0;

  const tensors = (slot: string): readonly { readonly group: WeightGroup; readonly data: Float32Array }[] =>
    names.flatMap(({ slot: own, group }, n) =>
      own === slot ? [{ group, data: sets[now]![n]!.data as Float32Array }] : [],
    );
  const named = (set: number, mark: string): Readonly<Record<string, RuntimeTensor>> =>
    Object.fromEntries(names.map(({ slot, group }, n) => [`${slot}:${group.name}${mark}`, sets[set]![n]!]));
  // Built once: a run takes microseconds.
  const inputs = [named(0, ''), named(1, '')];
  const outputs = [named(0, "'"), named(1, "'")];

  const opened: TrainingState = {
    current: () => inputs[now]!,
    next: () => outputs[1 - now]!,
    advance: () => void (now = 1 - now),
    read: (slot) =>
      Object.fromEntries(
        tensors(slot).flatMap(({ group, data }) =>
          group.members.map(({ path, shape, offset }) => [path, data.slice(offset, offset + sizeOf(shape))]),
        ),
      ),
    write(slot, values) {
      for (const { group, data } of tensors(slot)) {
        for (const { path, offset } of group.members) data.set(values[path]!, offset);
      }
    },
  };
  opened.write('weights', Object.fromEntries(Object.entries(weights).map(([path, { data }]) => [path, data])));
  if (state) for (const slot of optimiser.slots) opened.write(slot, state.slots[slot]!);
  return opened;
}
