import * as tf from '@tensorflow/tfjs-core';
import { sigmoid, tanh } from '../squashing.js';

export interface LstmShape {
  readonly steps: number;
  readonly rows: number;
  readonly units: number;
}

/** Hidden states of all steps, [steps, rows, units], and the way back through them. */
export interface LstmPass {
  readonly hidden: Float32Array;
  /** `dHidden` as `hidden`; gives the gradient of `projected` and, as [units, 4·units], of the recurrent kernel. */
  backward(dHidden: Float32Array): { readonly projected: Float32Array; readonly recurrent: tf.Tensor2D };
}

/**
 * The recurrent part of an LSTM over `projected` = x·kernel + bias, [steps, rows, 4·units], with gates i, f, c, o as in
 * Keras:
 *
 *   z[t] = projected[t] + h[t−1]·R;  c[t] = σ(f)·c[t−1] + σ(i)·tanh(z_c);  h[t] = σ(o)·tanh(c[t])
 *
 * A step is one matrix product on the backend and one loop here: as tensor operations, twenty a step, most of the time
 * would go into calling them (measured 2.5 times slower on wasm). The gradient of R is one product over all steps.
 */
export function lstmPass(projected: Float32Array, recurrent: tf.Tensor2D, shape: LstmShape): LstmPass {
  const { steps, rows, units } = shape;
  const cells = rows * units;
  const hidden = new Float32Array(steps * cells);
  const states: LstmStates = {
    hidden,
    cells: new Float32Array(steps * cells),
    tanhCells: new Float32Array(steps * cells),
    gates: new Float32Array(4 * steps * cells),
  };
  for (let t = 0; t < steps; t++) {
    const fromBefore = t === 0 ? null : product(hidden.subarray((t - 1) * cells, t * cells), rows, units, recurrent);
    forwardStep(projected, fromBefore, states, t, shape);
  }
  return { hidden, backward: (dHidden) => backward(dHidden, recurrent, states, shape) };
}

interface LstmStates {
  /** [steps, rows, units] each. */
  readonly hidden: Float32Array;
  readonly cells: Float32Array;
  readonly tanhCells: Float32Array;
  /** σ(i), σ(f), tanh(z_c), σ(o): [steps, rows, 4·units]. */
  readonly gates: Float32Array;
}

function forwardStep(
  projected: Float32Array,
  fromBefore: Float32Array | null,
  { hidden, cells, tanhCells, gates }: LstmStates,
  t: number,
  { rows, units }: LstmShape,
): void {
  const stepCells = rows * units;
  for (let row = 0; row < rows; row++) {
    const z = row * 4 * units;
    const at = t * 4 * stepCells + z;
    const state = t * stepCells + row * units;
    for (let u = 0; u < units; u++) {
      let zi = projected[at + u]!;
      let zf = projected[at + units + u]!;
      let zc = projected[at + 2 * units + u]!;
      let zo = projected[at + 3 * units + u]!;
      let cell = 0;
      if (fromBefore) {
        zi += fromBefore[z + u]!;
        zf += fromBefore[z + units + u]!;
        zc += fromBefore[z + 2 * units + u]!;
        zo += fromBefore[z + 3 * units + u]!;
        cell = cells[state - stepCells + u]!;
      }
      const i = sigmoid(zi);
      const f = sigmoid(zf);
      const g = tanh(zc);
      const o = sigmoid(zo);
      cell = f * cell + i * g;
      const squashed = tanh(cell);
      gates[at + u] = i;
      gates[at + units + u] = f;
      gates[at + 2 * units + u] = g;
      gates[at + 3 * units + u] = o;
      cells[state + u] = cell;
      tanhCells[state + u] = squashed;
      hidden[state + u] = o * squashed;
    }
  }
}

function backward(
  dHidden: Float32Array,
  recurrent: tf.Tensor2D,
  states: LstmStates,
  shape: LstmShape,
): { projected: Float32Array; recurrent: tf.Tensor2D } {
  const { steps, rows, units } = shape;
  const cells = rows * units;
  const dz = new Float32Array(4 * steps * cells);
  // Of c[t], gathered from the step after and handed to the step before.
  const dCell = new Float32Array(cells);
  const recurrentT = tf.transpose(recurrent);
  let fromAfter: Float32Array | null = null;
  for (let t = steps - 1; t >= 0; t--) {
    backwardStep(dHidden, fromAfter, dCell, dz, states, t, shape);
    if (t > 0) fromAfter = product(dz.subarray(4 * t * cells, 4 * (t + 1) * cells), rows, 4 * units, recurrentT);
  }
  const later = steps - 1;
  if (later === 0) return { projected: dz, recurrent: tf.zerosLike(recurrent) };
  const before = tf.tensor2d(states.hidden.slice(0, later * cells), [later * rows, units]);
  const after = tf.tensor2d(dz.slice(4 * cells), [later * rows, 4 * units]);
  return { projected: dz, recurrent: tf.matMul(tf.transpose(before), after) };
}

function backwardStep(
  dHidden: Float32Array,
  fromAfter: Float32Array | null,
  dCell: Float32Array,
  dz: Float32Array,
  { cells, tanhCells, gates }: LstmStates,
  t: number,
  { rows, units }: LstmShape,
): void {
  const stepCells = rows * units;
  for (let row = 0; row < rows; row++) {
    const at = 4 * (t * stepCells + row * units);
    for (let u = 0; u < units; u++) {
      const unit = row * units + u;
      const state = t * stepCells + unit;
      const i = gates[at + u]!;
      const f = gates[at + units + u]!;
      const g = gates[at + 2 * units + u]!;
      const o = gates[at + 3 * units + u]!;
      const squashed = tanhCells[state]!;
      const dh = dHidden[state]! + (fromAfter ? fromAfter[unit]! : 0);
      const dc = dCell[unit]! + dh * o * (1 - squashed * squashed);
      dz[at + u] = dc * g * i * (1 - i);
      dz[at + units + u] = t === 0 ? 0 : dc * cells[state - stepCells]! * f * (1 - f);
      dz[at + 2 * units + u] = dc * i * (1 - g * g);
      dz[at + 3 * units + u] = dh * squashed * o * (1 - o);
      dCell[unit] = dc * f;
    }
  }
}

/** left [rows, inner] · right [inner, n], computed on the backend. */
function product(left: Float32Array, rows: number, inner: number, right: tf.Tensor2D): Float32Array {
  let result: Float32Array | null = null;
  tf.tidy(() => {
    result = tf.matMul(tf.tensor2d(left, [rows, inner]), right).dataSync<'float32'>();
  });
  return result!;
}
