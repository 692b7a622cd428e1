import { makeFeatureTable, rowBlocks } from '#src/feature-sets/export/feature-table.js';
import { alignAssets } from '#src/ml/processing/align-assets.js';
import { featureTasks } from '#src/ml/processing/compute-features.js';
import { blockAddresses, featureSetHash } from '#src/ml/processing/feature-address.js';
import { blockRequests, computeBlock } from '#src/ml/processing/feature-blocks.js';
import { fillSmallGaps } from '#src/ml/processing/fill-small-gaps.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import { failureOf } from '../../support/failure-of.js';
import { exampleFrames, examplePlan } from '../../support/training-example.js';

const datasetContentHash = 'a'.repeat(64);
const frames = exampleFrames();
const plan = examplePlan((builder) => builder.feature('sma', { window: 5 }).feature('rsi').feature('calendar'));
const series = alignAssets(frames, plan);
const tasks = featureTasks(plan, series, fillSmallGaps(series, plan), frames);
const addresses = blockAddresses(tasks);
const order = {
  hash: featureSetHash(plan, datasetContentHash, addresses),
  datasetContentHash,
  plan,
  frames,
};

describe('makeFeatureTable', () => {
  const { features } = prepareFrames(plan, frames);

  it('makes what the processing of an execution makes, without and with blocks that are known', () => {
    expect(makeFeatureTable({ ...order, known: [] })).toEqual(features);
    const known = tasks.flatMap((task, ofTask) =>
      blockRequests(task).map((request, at) => ({
        address: addresses[ofTask]![at]!.address,
        block: computeBlock(task, request).block,
      })),
    );
    const table = makeFeatureTable({ ...order, known });
    expect(table).toEqual(features);
    // Taken, not computed.
    expect(table.columns[0]).toBe(known[0]!.block.columns[0]);
  });

  it('refuses a set that these steps would not make', () => {
    const hash = 'b'.repeat(64);
    expect(failureOf(() => makeFeatureTable({ ...order, hash, known: [] }))).toEqual({
      code: 'FEATURE_SET_OUTDATED',
      message: `Feature set ${hash} was made by an earlier version of its steps, and not all of its columns are kept: run its template again and export the set of that execution`,
      details: { hash },
    });
  });
});

describe('rowBlocks', () => {
  it('cuts a table into blocks of half a million numbers that follow each other', () => {
    const rows = 300_000;
    const column = Float64Array.from({ length: rows }, (_, row) => row);
    const blocks = [...rowBlocks({ times: column, names: ['x'], columns: [column] })];
    expect(blocks.map((block) => block.map(({ name, values }) => [name, values.length]))).toEqual([
      [
        ['time', 250_000],
        ['x', 250_000],
      ],
      [
        ['time', 50_000],
        ['x', 50_000],
      ],
    ]);
    expect(blocks[1]![1]!.values[0]).toBe(250_000);
  });
});
