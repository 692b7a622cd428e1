import { ARTIFACT_TABLES, ChunkedArtifactStore } from '#src/artifacts/index.js';
import { systemClock } from '#src/common/clock.js';
import { isTrainyardError } from '#src/common/errors/index.js';
import type { EpochRecord, TrainingCheckpoint } from '#src/ml/algorithms/algorithm.js';
import { decodeCheckpoint } from '#src/ml/export/model-state-codec.js';
import { CHECKPOINT_ARTIFACT, ExecutionRecord } from '#src/training/execution-record.js';
import { recordedEpochs } from '#src/training/recorded-epochs.js';
import { LedgerHarness, collect, enqueue } from '../unit/executions/ledger-harness.js';

const EPOCHS = 200;

const epochOf = (epoch: number): EpochRecord => ({
  ...{ epoch, epochs: EPOCHS, loss: 1 / epoch, validationLoss: 2 / epoch, durationMs: 5 },
});
const checkpointOf = (epoch: number): TrainingCheckpoint => ({
  epoch,
  facts: { step: epoch },
  tensors: { w: { shape: [2], data: Float32Array.of(epoch, -epoch) } },
});

describe('record of a run', () => {
  let harness: LedgerHarness;
  let artifacts: ChunkedArtifactStore;

  beforeAll(async () => {
    harness = await LedgerHarness.open();
    await harness.database.ensureTables([...ARTIFACT_TABLES]);
    artifacts = new ChunkedArtifactStore(harness.database, systemClock);
  });
  afterAll(() => harness.close());

  async function begin() {
    const service = harness.service(systemClock);
    const executionId = await enqueue(service.repository, systemClock);
    const claimed = await service.ledger.claimNext(service.owner);
    if (claimed?.executionId !== executionId) throw new Error(`claimed ${claimed?.executionId}`);
    const refusals: Error[] = [];
    const record = new ExecutionRecord(claimed, service.ledger, artifacts, (error) => refusals.push(error));
    const versionOf = async () => (await service.repository.findHead(executionId))!.stored.version;
    const epochs = () => recordedEpochs(service.events.after(executionId, 0));
    const end = () => service.ledger.cancelled(executionId, service.owner);
    return { ...service, executionId, record, refusals, versionOf, epochs, end };
  }

  test('many epochs are few writes of the head, and every one is there, in order, between its lines', async () => {
    const { record, executionId, events, versionOf, end } = await begin();
    const before = await versionOf();
    record.transition('TRAINING', { runtimeMs: 1 });
    for (let epoch = 1; epoch <= EPOCHS; epoch++) {
      record.log('info', `before ${epoch}`);
      record.epoch(epochOf(epoch));
    }
    record.transition('EVALUATING', { runtimeMs: 2 });
    await record.flush();

    // 402 changes, 25 of them in a write at most.
    expect((await versionOf()) - before).toBeLessThanOrEqual(Math.ceil((2 * EPOCHS + 2) / 25) + 3);
    const stored = await collect(events.after(executionId, 0));
    expect(stored.map(({ sequence }) => sequence)).toEqual(Array.from(stored, (_, at) => at + 1));
    const told = stored.flatMap((event): (string | number)[] => {
      if (event.type === 'log') return [event.data.message];
      if (event.type === 'epoch') return [event.data.epoch];
      return event.type === 'status' ? [event.data.status] : [];
    });
    expect(told).toEqual([
      ...['QUEUED', 'PREPARING', 'TRAINING'],
      ...Array.from({ length: EPOCHS }, (_, at) => [`before ${at + 1}`, at + 1]).flat(),
      'EVALUATING',
    ]);
    await end();
  });

  test('a checkpoint that is durable has its epochs in the ledger', async () => {
    const { record, executionId, epochs, repository, end } = await begin();
    record.transition('TRAINING', { runtimeMs: 1 });
    record.epoch(epochOf(1));
    const durable = record.nextCheckpoint();
    for (let epoch = 2; epoch <= 6; epoch++) record.epoch(epochOf(epoch));
    record.checkpoint(checkpointOf(6), 60);
    record.epoch(epochOf(7));
    await durable;

    expect((await repository.findHead(executionId))!.head).toMatchObject({ checkpointEpoch: 6, runtimeMs: 60 });
    expect((await epochs()).map(({ epoch }) => epoch).slice(0, 6)).toEqual([1, 2, 3, 4, 5, 6]);
    await record.flush();
    await end();
  });

  test('of checkpoints that come faster than they are written the newest is kept', async () => {
    const { record, executionId, versionOf, end } = await begin();
    record.transition('TRAINING', { runtimeMs: 1 });
    record.checkpoint(checkpointOf(1), 1);
    await record.flush();
    const before = await versionOf();
    for (let epoch = 2; epoch <= 50; epoch++) {
      record.checkpoint(checkpointOf(epoch), epoch);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await record.flush();
    const { content } = await artifacts.read(executionId, CHECKPOINT_ARTIFACT);
    expect(decodeCheckpoint(content)).toEqual(checkpointOf(50));
    expect((await versionOf()) - before).toBe(1);

    await record.dropCheckpoint();
    record.checkpoint(checkpointOf(51), 51);
    await record.flush();
    await expect(artifacts.read(executionId, CHECKPOINT_ARTIFACT)).rejects.toMatchObject({
      code: 'ARTIFACT_NOT_FOUND',
    });
    await end();
  });

  test('a refused write is told once, and nothing is written after it', async () => {
    const { record, refusals, ledger, executionId, owner, epochs } = await begin();
    record.transition('TRAINING', { runtimeMs: 1 });
    record.epoch(epochOf(1));
    await record.flush();
    await ledger.cancelled(executionId, owner);
    record.epoch(epochOf(2));
    record.checkpoint(checkpointOf(2), 2);
    await expect(record.flush()).rejects.toMatchObject({ code: 'CONFLICT' });
    record.epoch(epochOf(3));
    record.log('info', 'too late');
    await expect(record.flush()).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(refusals).toHaveLength(1);
    expect(isTrainyardError(refusals[0], 'CONFLICT')).toBe(true);
    expect((await epochs()).map(({ epoch }) => epoch)).toEqual([1]);
  });
});
