import fc from 'fast-check';
import { TensorReader, bytesOfTensor, datatypeOf } from '#src/inference/dialects/oip-tensors.js';

describe('tensors of the Open Inference Protocol', () => {
  it('come back from their bytes, numbers and texts alike', () => {
    const values = fc.oneof(
      fc.array(fc.double({ noDefaultInfinity: true }), { minLength: 1 }),
      fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }),
    );
    fc.assert(
      fc.property(values, (written: number[] | string[]) => {
        const tensor = { name: 'load', shape: [written.length], values: written };
        const bytes = bytesOfTensor(tensor);
        // Not at the beginning of its buffer: binary data follows JSON of any length.
        const shifted = new Uint8Array(bytes.byteLength + 3).subarray(3);
        shifted.set(bytes);
        const reader = new TensorReader(shifted);
        const parameters = { binary_data_size: bytes.byteLength };
        const read = reader.read(
          { name: 'load', shape: [written.length], datatype: datatypeOf(tensor), parameters },
          'inputs[0]',
        );
        reader.end();
        expect(read.values).toEqual(written.map((value) => (Number.isNaN(value) ? null : value)));
      }),
    );
  });

  it.each([
    [{ shape: [1_000_000_000, 0], data: [] }, 'inputs[0].shape[1]: must be a whole number, 1 or more'],
    [{ shape: [1_000_000_000, 1_000_000_000], data: [1] }, 'inputs[0].data: has 1 elements'],
    [{ shape: [1], data: ['x'] }, 'inputs[0].data[0]: must be a number, or null where one is missing'],
    [{ shape: [1], parameters: { binary_data_size: 7 } }, 'inputs[0] has a binary_data_size of 7; 4 bytes are left'],
    [{ shape: [1], parameters: { binary_data_size: 4 } }, 'inputs[0] has 4 bytes, no multiple of 8 for FP64'],
  ])('are refused as %j', (tensor, message) => {
    const read = () =>
      new TensorReader(new Uint8Array(4)).read({ name: 'load', datatype: 'FP64', ...tensor }, 'inputs[0]');
    expect(read).toThrow(message);
  });

  it('leave no bytes over', () => {
    expect(() => new TensorReader(new Uint8Array(4)).end()).toThrow('4 bytes follow the last input');
  });
});
