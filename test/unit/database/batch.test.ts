import fc from 'fast-check';
import { sendAll, splitBatches } from '#src/database/batch.js';

describe('splitBatches', () => {
  it('keeps order and content, and neither count nor bytes are exceeded', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 })), fc.integer({ min: 1, max: 7 }), (sizes, count) => {
        const batches = splitBatches(sizes, count, 100, (size) => size);
        expect(batches.flat()).toEqual(sizes);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(count);
          expect(batch.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(100);
        }
      }),
    );
  });

  it('fills batches: 60 items in batches of 25 are three', () => {
    const items = Array.from({ length: 60 }, (_, n) => n);
    expect(splitBatches(items, 25, Infinity, () => 0).map((batch) => batch.length)).toEqual([25, 25, 10]);
  });

  it('gives an item that is larger than a batch its own', () => {
    expect(splitBatches([150, 10, 20], 25, 100, (size) => size)).toEqual([[150], [10, 20]]);
  });
});

describe('sendAll', () => {
  const pauses: number[] = [];
  const pause = async (ms: number): Promise<void> => {
    pauses.push(ms);
  };
  beforeEach(() => pauses.splice(0));

  it('sends what was left over until nothing is, with pauses between', async () => {
    const sent: number[][] = [];
    await sendAll(
      [1, 2, 3, 4, 5],
      async (items) => {
        sent.push(items);
        return items.slice(2);
      },
      pause,
    );
    expect(sent).toEqual([[1, 2, 3, 4, 5], [3, 4, 5], [5]]);
    expect(pauses).toHaveLength(2);
  });

  it('waits longer while nothing gets through: up to 25 ms doubled each time, 2 s at most; then STORAGE_UNAVAILABLE', async () => {
    let calls = 0;
    const work = sendAll([1, 2, 3], async (items) => (calls++, items), pause);
    await expect(work).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message:
        'the database left 3 of 3 items of a batch unprocessed in 12 tries: try again later, or raise its throughput',
      details: { unprocessed: 3 },
    });
    expect([calls, pauses.length]).toEqual([12, 11]);
    pauses.forEach((ms, n) => expect(ms).toBeLessThanOrEqual(Math.min(2_000, 25 * 2 ** (n + 1))));
  });

  it('counts tries anew after progress', async () => {
    let calls = 0;
    await sendAll([1, 2, 3], async (items) => (++calls % 11 === 0 ? items.slice(1) : items), pause);
    expect(calls).toBe(33);
  });

  it('passes failures on', async () => {
    await expect(sendAll([1], async () => Promise.reject(new Error('broken')), pause)).rejects.toThrow('broken');
  });
});
