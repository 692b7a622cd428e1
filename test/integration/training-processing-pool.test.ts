import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import { ProcessingPool } from '#src/training/processing-pool.js';
import { exampleFrames, examplePlan } from '../support/training-example.js';

const plan = examplePlan((builder) =>
  builder
    .feature('lags', { lags: [1, 24] })
    .feature('sma', { window: 5 })
    .feature('rsi')
    .feature('calendar'),
);

describe('ProcessingPool', () => {
  it.each([
    ['here', { size: 2, inlineValues: Infinity }],
    ['in one thread', { size: 1, inlineValues: 0 }],
    ['in three threads', { size: 3, inlineValues: 0 }],
  ])('computes %s what the processing does in one go', async (_, options) => {
    const pool = new ProcessingPool(options);
    try {
      const frames = exampleFrames();
      const prepared = await pool.prepare(plan, frames);
      expect(prepared).toEqual(prepareFrames(plan, exampleFrames()));
      expect(prepared.features.names).toContain('north_SMA_5');
      expect(frames[0]?.frame.times.length).toBe(600);
      expect(await pool.prepare(plan, frames)).toEqual(prepared);
    } finally {
      await pool.close();
    }
  });

  it('passes on what is wrong with the frames', async () => {
    const pool = new ProcessingPool({ size: 1, inlineValues: 0 });
    try {
      const [north] = exampleFrames();
      await expect(pool.prepare(plan, [north!])).rejects.toMatchObject({
        name: 'TrainyardError',
        code: 'ASSET_UNKNOWN',
        details: { asset: 'south' },
      });
    } finally {
      await pool.close();
    }
  });
});
