import fc from 'fast-check';
import type { ModelState } from '#src/ml/algorithms/algorithm.js';
import {
  decodeCheckpoint,
  decodeModelState,
  encodeCheckpoint,
  encodeModelState,
} from '#src/ml/export/model-state-codec.js';

function state(values: Float64Array, weights: Float32Array): ModelState {
  return {
    format: 1,
    algorithm: 'ridge',
    hyperparameters: { shared: true, lambdas: [0.1, 1] },
    lookBack: 3,
    horizon: 2,
    inputs: ['a'],
    targets: ['a'],
    facts: { lambda: 0.1, note: 'é' },
    tensors: {
      'layer/kernel': { shape: [weights.length], data: weights },
      values: { shape: [values.length], data: values },
    },
  };
}

function codeOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return null;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test('decoding gives back every bit, NaN and −0 in tensors included', () => {
  fc.assert(
    fc.property(fc.float64Array(), fc.float32Array(), (values, weights) => {
      const original = state(values, weights);
      const copy = decodeModelState(encodeModelState(original));
      expect(copy).toEqual(original);
      expect(copy.tensors['values']!.data).toBeInstanceOf(Float64Array);
      expect(copy.tensors['layer/kernel']!.data).toBeInstanceOf(Float32Array);
      expect(encodeModelState(copy)).toEqual(encodeModelState(original));
    }),
  );
});

test('the order in which keys were set does not show in the bytes', () => {
  const one = state(Float64Array.of(1), Float32Array.of(2));
  const reversed = Object.fromEntries(Object.entries(one).reverse()) as unknown as ModelState;
  expect(text(encodeModelState(reversed))).toBe(text(encodeModelState(one)));
});

test('the bytes are these: little-endian elements in sorted JSON', () => {
  const bytes = encodeModelState({ ...state(Float64Array.of(1), Float32Array.of(1)), hyperparameters: {} });
  expect(text(bytes)).toBe(
    '{"algorithm":"ridge","facts":{"lambda":0.1,"note":"é"},"format":1,"horizon":2,"hyperparameters":{},' +
      '"inputs":["a"],"lookBack":3,"targets":["a"],"tensors":{"layer/kernel":{"data":"AACAPw==","dtype":"float32",' +
      '"shape":[1]},"values":{"data":"AAAAAAAA8D8=","dtype":"float64","shape":[1]}}}',
  );
});

test('a number that JSON cannot hold is a bug and is named', () => {
  const broken = { ...state(Float64Array.of(), Float32Array.of()), facts: { lambda: Number.NaN } };
  expect(() => encodeModelState(broken)).toThrow('facts.lambda is NaN, which JSON cannot hold');
});

test('checkpoints survive with null facts', () => {
  const checkpoint = {
    epoch: 3,
    facts: { bestLoss: null, order: [1, 2] },
    tensors: { moment: { shape: [2, 1], data: Float32Array.of(0.1, -0) } },
  };
  expect(decodeCheckpoint(encodeCheckpoint(checkpoint))).toEqual(checkpoint);
});

test.each([
  ['nothing', '', 'it is not JSON in UTF-8'],
  ['a list', '[]', 'it lacks algorithm, hyperparameters, lookBack, horizon, facts, tensors'],
  [
    'a newer format',
    text(encodeModelState({ ...state(Float64Array.of(), Float32Array.of()), format: 2 as 1 })),
    'its format is 2; this version reads format 1',
  ],
  [
    'a short tensor',
    text(encodeModelState(state(Float64Array.of(1, 2), Float32Array.of()))).replace('"shape":[2]', '"shape":[3]'),
    'tensor values has 16 bytes; shape [3] of float64 takes 24',
  ],
])('%s is refused', (_name, given, fault) => {
  const read = (): unknown => decodeModelState(new TextEncoder().encode(given));
  expect(read).toThrow(`These bytes are not a model state: ${fault}.`);
  expect(codeOf(read)).toBe('ARTIFACT_CORRUPT');
});
