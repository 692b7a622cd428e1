import { jest } from '@jest/globals';
import { decodeModelState } from '#src/ml/export/model-state-codec.js';
import { EVALUATION_FILES } from '../support/training-example.js';
import { OrchestratorHarness } from '../support/orchestrator-harness.js';

const RIDGE = { algorithm: { name: 'ridge' } };
const engine = 'tfjs-wasm';
/** Minutes, if nobody ended it. */
const LONG = {
  algorithm: { name: 'lstm', hyperparameters: { units: [8], epochs: 1_000, batchSize: 32, patience: 0 } },
  training: { engine },
};
const SHORT = {
  algorithm: { name: 'lstm', hyperparameters: { units: [8], epochs: 25, batchSize: 32, patience: 0 } },
  training: { engine },
};

/** Workers of several trainings on few cores. */
jest.setTimeout(400_000);

/** Of algorithms that read features. */
const IMPORTANCE = ['feature-importance.json', 'feature-importance.png'];

describe('TrainingOrchestrator', () => {
  let harness: OrchestratorHarness;

  beforeAll(async () => {
    harness = await OrchestratorHarness.open();
  });
  afterAll(() => harness.close());

  it('takes queued executions through every status to a registered model, one slot at a time', async () => {
    const first = await harness.enqueue({ ...RIDGE, features: { calendar: { enabled: true } } });
    const second = await harness.enqueue({ algorithm: { name: 'seasonal-naive' } });
    const { orchestrator } = harness.service();
    orchestrator.onApplicationBootstrap();
    await harness.ended(first);
    await harness.ended(second);
    await orchestrator.beforeApplicationShutdown();

    expect(await harness.statuses(first)).toEqual([
      'QUEUED',
      'PREPARING',
      'TRAINING',
      'EVALUATING',
      'REGISTERING',
      'SUCCEEDED',
    ]);
    const head = await harness.head(first);
    expect(head).toMatchObject({
      attempt: 1,
      engine: 'closed-form',
      stopReason: 'completed',
      model: { name: 'stations', version: 1 },
      error: null,
      lease: null,
    });
    expect(head.metrics?.test?.hasSkill).toBe(true);
    const names = (await harness.artifacts.list(first)).map(({ name }) => name).sort();
    expect(names).toEqual([...IMPORTANCE, ...EVALUATION_FILES, 'model.json', 'model.onnx', 'processing.json'].sort());
    const model = await harness.artifacts.read(first, 'model.json');
    expect(model.sha256).toBe(head.modelSha256);
    expect(decodeModelState(model.content).algorithm).toBe('ridge');
    expect(harness.registered[0]).toMatchObject({
      executionId: first,
      artifactOwner: first,
      model: 'stations',
      modelSha256: model.sha256,
      targets: ['north', 'south'],
      lookBack: 24,
      horizon: 6,
      artifacts: names,
    });
    expect((await harness.head(second)).startedAt! >= head.finishedAt!).toBe(true);

    const log = await harness.logs(first);
    expect(log).toContain('Dataset stations, version 3: 1187 rows of 2 assets; forecasting north, south');
    expect(log).toContain('Common axis of 600 rows, 2020-01-01T00:00:00.000Z to 2020-01-25T23:00:00.000Z');
    expect(log).toContain('13 missing values: 3 filled by forward-fill, 10 masked');
    expect(log).toMatch(/Test: skill \d+\.\d % against naive/);
    expect(log).toContain('Registered as stations, version 1');
  });

  it('claims what is queued while it runs', async () => {
    const { orchestrator, ledger, owner } = harness.service();
    orchestrator.onApplicationBootstrap();
    expect(await ledger.claimNext(owner)).toBeNull();
    const queued = await harness.enqueue({ algorithm: { name: 'naive' } });
    // As another process would: claimed, and given back to the queue of everybody.
    expect(await ledger.claimNext(owner)).toMatchObject({ executionId: queued });
    await ledger.release(queued, owner, 'for somebody else');
    await harness.ended(queued);
    expect(await harness.head(queued)).toMatchObject({ status: 'SUCCEEDED', attempt: 2, engine: 'none' });
    expect(await harness.logs(queued)).toContain('Starting over: the interruption came before the first checkpoint');
    await orchestrator.beforeApplicationShutdown();
  });

  it('records why an execution failed, with its code, and goes on with the next', async () => {
    const impossible = await harness.enqueue({ ...RIDGE, windows: { lookBack: 500, horizon: 6 } });
    const unknown = await harness.enqueue({ ...RIDGE, data: { datasetId: 'dst_1', targets: ['east'] } });
    const { orchestrator } = harness.service();
    orchestrator.onApplicationBootstrap();
    await harness.ended(impossible);
    await harness.ended(unknown);
    await orchestrator.beforeApplicationShutdown();
    expect(await harness.head(impossible)).toMatchObject({
      status: 'FAILED',
      error: { code: 'SERIES_TOO_SHORT', details: { part: 'train', needed: 506 } },
    });
    expect(await harness.head(unknown)).toMatchObject({
      status: 'FAILED',
      error: { code: 'ASSET_UNKNOWN', details: { asset: 'east', known: ['north', 'south'] } },
    });
    expect(await harness.artifacts.list(impossible)).toEqual([]);
  });

  it('leaves an execution whose lease is lost, without a word more', async () => {
    const executionId = await harness.enqueue(RIDGE);
    const { orchestrator, ledger } = harness.service({ heartbeatMs: 50 });
    let conflicts = 0;
    const heartbeat = ledger.heartbeat.bind(ledger);
    // The lease passes to somebody else as soon as the training runs: from then on writes under the old owner conflict.
    ledger.heartbeat = async (id, owner) => {
      if ((await harness.head(id)).status === 'PREPARING') return heartbeat(id, owner);
      conflicts += 1;
      return heartbeat(id, 'own_somebody_else');
    };
    orchestrator.onApplicationBootstrap();
    await harness.until(executionId, () => conflicts > 0);
    await orchestrator.beforeApplicationShutdown();
    const { status, error } = await harness.head(executionId);
    expect({ status, error }).toEqual({ status: 'TRAINING', error: null });
    // Its lease still stands in the database, as that of a process that died: it is queued and finished again.
    const successor = harness.service();
    expect(await successor.ledger.requeueAbandoned()).toEqual([executionId]);
    successor.orchestrator.onApplicationBootstrap();
    await harness.ended(executionId);
    expect(await harness.head(executionId)).toMatchObject({ status: 'SUCCEEDED', attempt: 2, interruptions: 1 });
  });

  it('cancels a training that runs', async () => {
    const executionId = await harness.enqueue(LONG);
    const { orchestrator, journal, signals } = harness.service();
    orchestrator.onApplicationBootstrap();
    await harness.until(executionId, ({ checkpointEpoch }) => checkpointEpoch !== null);
    await journal.write(executionId, () => ({ head: { cancelRequested: true } }));
    signals.cancelRequested.send(executionId);
    await harness.ended(executionId);
    expect(await harness.head(executionId)).toMatchObject({ status: 'CANCELLED', error: { code: 'CANCELLED' } });
    await orchestrator.beforeApplicationShutdown();
    expect(await harness.artifacts.list(executionId)).toEqual([]);
  });

  it('keeps, scores and registers what the budget allowed for, as STOPPED', async () => {
    const executionId = await harness.enqueue({ ...LONG, training: { engine, maxRuntimeSeconds: 3 } });
    const { orchestrator } = harness.service();
    orchestrator.onApplicationBootstrap();
    await harness.ended(executionId);
    const head = await harness.head(executionId);
    expect(head).toMatchObject({ status: 'STOPPED', stopReason: 'budget', model: { name: 'stations' } });
    expect(head.metrics?.test?.windows).toBe(85);
    // The checkpoint goes after the end is durable: a crash in between must find it.
    await orchestrator.beforeApplicationShutdown();
    const names = (await harness.artifacts.list(executionId)).map(({ name }) => name).sort();
    expect(names).toEqual([
      ...[
        ...IMPORTANCE,
        ...EVALUATION_FILES,
        'loss.png',
        'model.json',
        'model.keras',
        'model.onnx',
        'processing.json',
      ].sort(),
    ]);
  });

  it('gives back what a shutdown interrupts, and ends with the same bytes after it', async () => {
    const whole = await harness.enqueue(SHORT);
    const before = harness.service();
    before.orchestrator.onApplicationBootstrap();
    await harness.ended(whole);
    const interrupted = await harness.enqueue(SHORT);
    before.signals.queued.send(interrupted);
    await harness.until(interrupted, ({ checkpointEpoch }) => checkpointEpoch !== null);
    await before.orchestrator.beforeApplicationShutdown();
    expect(await harness.head(interrupted)).toMatchObject({ status: 'QUEUED', lease: null });

    const after = harness.service();
    after.orchestrator.onApplicationBootstrap();
    await harness.ended(interrupted);
    await after.orchestrator.beforeApplicationShutdown();
    const [first, second] = await Promise.all([whole, interrupted].map((id) => harness.artifacts.list(id)));
    expect(second!.map(({ name, sha256 }) => [name, sha256])).toEqual(first!.map(({ name, sha256 }) => [name, sha256]));
    expect(await harness.head(interrupted)).toMatchObject({ status: 'SUCCEEDED', attempt: 2, iterations: 25 });
    expect(await harness.statuses(interrupted)).toContain('INTERRUPTED');
    expect(await harness.logs(interrupted)).toMatch(/Resuming after epoch \d+, from the last checkpoint/);
  });
});
