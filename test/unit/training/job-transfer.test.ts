import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { receiveJob, sendJob } from '#src/training/job-transfer.js';
import type { TrainingJob } from '#src/training/worker/protocol.js';
import { exampleJob } from '../../support/training-example.js';

const asJob = (value: unknown): TrainingJob => value as TrainingJob;

/** Through a pipe that hands out pieces of `pieceBytes`. */
async function carry(job: TrainingJob, pieceBytes = 65_536): Promise<TrainingJob | null> {
  const pipe = new PassThrough();
  const pieces = new PassThrough();
  sendJob(pipe, job);
  const bytes = Buffer.concat(await pipe.toArray());
  const received = receiveJob(pieces);
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.write(bytes.subarray(at, at + pieceBytes));
  pieces.end();
  return received;
}

describe('sendJob and receiveJob', () => {
  it('carry a whole job, whatever pieces it comes in', async () => {
    const job = exampleJob({ algorithm: 'lstm' });
    for (const pieceBytes of [1_000_000, 4_097, 64]) expect(await carry(job, pieceBytes)).toEqual(job);
    expect(job.prepared.filled.columns[0]).toHaveLength(600);
  });

  it('carry arrays of every kind bit by bit, views, empty ones and one that stands in two places', async () => {
    const array = Float64Array.of(NaN, -0, Infinity, 1e-300);
    const whole = Float64Array.from({ length: 9 }, (_, at) => at);
    const sent = {
      array,
      again: array,
      view: whole.subarray(2, 5),
      empty: new Float32Array(0),
      others: [Int32Array.of(-1), Uint8Array.of(255), BigInt64Array.of(-5n), Float32Array.of(0.5)],
      bytes: new Uint8Array(Buffer.from('text')),
      nothing: null,
      missing: undefined,
    };
    const got = (await carry(asJob(sent), 3)) as unknown as typeof sent;
    expect(got).toEqual(sent);
    expect(Object.is(got.array[1], -0)).toBe(true);
    expect(got.again).toBe(got.array);
    expect(got.view.buffer.byteLength).toBe(24);
  });

  it('carry columns of any length and number', async () => {
    const columns = fc.array(fc.float64Array({ maxLength: 40 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(columns, fc.integer({ min: 1, max: 500 }), async (sent, pieceBytes) => {
        expect(await carry(asJob({ columns: sent }), pieceBytes)).toEqual({ columns: sent });
      }),
      { numRuns: 50 },
    );
  });

  it('tell a stream without a job from one that breaks off', async () => {
    const nothing = new PassThrough();
    nothing.end();
    expect(await receiveJob(nothing)).toBeNull();

    const pipe = new PassThrough();
    sendJob(pipe, asJob({ column: new Float64Array(10) }));
    const bytes = Buffer.concat(await pipe.toArray());
    const broken = new PassThrough();
    broken.end(bytes.subarray(0, -8));
    await expect(receiveJob(broken)).rejects.toThrow('the job ended 8 bytes too early');
  });
});
