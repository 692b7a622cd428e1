import { lossSpec } from '#src/ml/plots/loss-spec.js';

function epochs(losses: readonly (readonly [number, number | null])[]) {
  return losses.map(([loss, validationLoss], at) => ({
    epoch: at + 1,
    epochs: losses.length,
    loss,
    validationLoss,
    durationMs: 1,
  }));
}

describe('lossSpec', () => {
  it('draws both losses and the kept epoch', () => {
    const spec = JSON.stringify(
      lossSpec({ algorithm: 'LSTM', bestEpoch: 2, epochs: epochs([[1, 1.1], [0.5, 0.7], [0.4, 0.8]]) }), // prettier-ignore
    );
    expect(spec).toContain('"subtitle":["3 epochs; the dotted line marks epoch 2, whose weights were kept"]');
    expect(spec).toContain('{"epoch":2,"loss":0.7,"name":"validation loss"}');
    expect(spec).toContain('"domain":["training loss","validation loss"]');
    expect(spec).toContain('"scale":{"type":"linear"');
  });

  it('leaves out what there is not', () => {
    const spec = JSON.stringify(lossSpec({ algorithm: 'LSTM', bestEpoch: null, epochs: epochs([[1, null]]) }));
    expect(spec).toContain('"subtitle":["1 epoch"]');
    expect(spec).toContain('"domain":["training loss"]');
    expect(spec).not.toContain('rule');
  });

  it('is logarithmic for a loss that falls far, and never for one that reaches 0', () => {
    const far = epochs([[10, null], [0.1, null]]); // prettier-ignore
    expect(JSON.stringify(lossSpec({ algorithm: 'LSTM', bestEpoch: null, epochs: far }))).toContain('"type":"log"');
    const zero = epochs([[10, null], [0, null]]); // prettier-ignore
    expect(JSON.stringify(lossSpec({ algorithm: 'LSTM', bestEpoch: null, epochs: zero }))).not.toContain(
      '"type":"log"',
    );
  });
});
