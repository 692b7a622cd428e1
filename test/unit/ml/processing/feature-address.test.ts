import { fitImputation } from '#src/ml/gaps/imputation/choose-imputation.js';
import { alignAssets } from '#src/ml/processing/align-assets.js';
import { featureTasks } from '#src/ml/processing/compute-features.js';
import { blockAddresses, featureSetHash } from '#src/ml/processing/feature-address.js';
import type { FeatureBlock } from '#src/ml/processing/feature-blocks.js';
import { fillSmallGaps } from '#src/ml/processing/fill-small-gaps.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import { ProcessingPool, type BlockSource, type Preparation } from '#src/training/processing-pool.js';
import { assetFrame, planOf } from '../../../support/plans.js';
import { HOUR_MS, differingRows, randomWalk, regularTimes } from '../../../support/series.js';

/** Real: the pool and the feature code; a map stands for the store. */

const times = regularTimes(420, HOUR_MS);
const EARLIER_ROWS = 400;

function framesOf(rows: number, missing: readonly [from: number, to: number], whole = randomWalk(420, 8, 50)) {
  const values = whole.map((value, row) => (row >= missing[0] && row < missing[1] ? NaN : value));
  return [assetFrame('a', times.slice(0, rows), values.slice(0, rows))];
}

const planWith = (imputation: ProcessingPlan['gaps']['imputation']): ProcessingPlan =>
  planOf(['a'], {
    gaps: { largeShare: 0.1, imputation, neighbours: 3 },
    features: [{ step: 'sma', parameters: { window: 5 }, assets: ['a'] }],
    split: { by: 'date', trainEnd: times[240]!, validationEnd: times[320]!, testEnd: null },
  });

class MapSource implements BlockSource {
  private readonly blocks = new Map<string, FeatureBlock>();

  keep({ blocks }: Preparation): void {
    for (const { address, block } of blocks) this.blocks.set(address, block);
  }
  earlierRows(): Promise<readonly number[]> {
    return Promise.resolve([EARLIER_ROWS]);
  }
  find(wanted: readonly (readonly string[])[]) {
    const found = wanted.map((addresses) => addresses.find((address) => this.blocks.has(address)) ?? null);
    return Promise.resolve(
      found.map((address) => (address === null ? null : { address, block: this.blocks.get(address)! })),
    );
  }
}

describe('addresses of feature blocks over imputed columns', () => {
  const pool = new ProcessingPool({ size: 1, inlineValues: 1e9 });
  afterAll(() => pool.close());

  /** Where the block of the appended version came from; its bytes are those of a processing without a store. */
  async function afterAppending(plan: ProcessingPlan, missing: readonly [number, number]) {
    const source = new MapSource();
    source.keep(await pool.prepareFrom(source, plan, framesOf(EARLIER_ROWS, missing)));
    const frames = framesOf(420, missing);
    const { prepared, blocks } = await pool.prepareFrom(source, plan, frames);
    const expected = prepareFrames(plan, frames);
    expect(differingRows(prepared.features.columns[0]!, expected.features.columns[0]!)).toEqual([]);
    return blocks.map(({ origin }) => origin);
  }

  it.each(['linear', 'median', 'spline', 'kalman-smoother'] as const)(
    'extends no block of %s whose last gap was open, for its rows are filled now',
    async (imputation) => {
      expect(await afterAppending(planWith(imputation), [395, 405])).toEqual(['computed']);
      expect(await afterAppending(planWith(imputation), [370, 380])).toEqual(['extended']);
    },
  );

  it('extends blocks of a causal method over an open gap, whose rows stay as they were', async () => {
    expect(await afterAppending(planWith('forward-fill'), [395, 405])).toEqual(['extended']);
  });

  it('gives the same plan another feature set when auto chooses another method', () => {
    const plan = planWith('auto');
    const frames = framesOf(420, [300, 306]);
    const series = alignAssets(frames, plan);
    const [train, limit] = [series.columns[0]!.subarray(0, 240), 24];
    const context = { seasonLength: 24, neighbours: 3 };
    const hashes = ['forward-fill', 'seasonal', 'kalman'].map((method) => {
      const imputations = { 'a/value': fitImputation(method, train, limit, context) };
      const fixed = { smallGapRows: limit, imputations };
      const tasks = featureTasks(plan, series, fillSmallGaps(series, plan, fixed), frames, fixed);
      return featureSetHash(plan, 'a'.repeat(64), blockAddresses(tasks));
    });
    expect(new Set(hashes).size).toBe(3);
  });
});
