import { ARTIFACT_TABLES, ChunkedArtifactStore } from '#src/artifacts/index.js';
import { systemClock } from '#src/common/clock.js';
import { BacktestRecord, WINDOWS_ARTIFACT } from '#src/training/backtest-record.js';
import { readWindows } from '#src/training/finished-windows.js';
import { LedgerHarness, enqueue } from '../unit/executions/ledger-harness.js';

type Window = Parameters<BacktestRecord['add']>[0];

const windowOf = (cutoff: number): Window => ({
  ...{ kind: 'directions', cutoff, modelSha256: `sha of ${cutoff}` },
  told: {
    probabilities: [Float64Array.of(0.1, 0.2, 0.7, -0)],
    labels: [[Uint8Array.of(2, 255)]],
    shares: [Float64Array.of(1 / 3, 1 / 3, 1 / 3)],
  },
});

/** Real: the artifact store and the ledger over the embedded database. */
describe('the windows that a backtest has finished', () => {
  let harness: LedgerHarness;
  let artifacts: ChunkedArtifactStore;

  beforeAll(async () => {
    harness = await LedgerHarness.open();
    await harness.database.ensureTables([...ARTIFACT_TABLES]);
    artifacts = new ChunkedArtifactStore(harness.database, systemClock);
  });
  afterAll(() => harness.close());

  async function begin(mostBytes?: number) {
    const service = harness.service(systemClock);
    const executionId = await enqueue(service.repository, systemClock);
    const claimed = (await service.ledger.claimNext(service.owner))!;
    expect(claimed.executionId).toBe(executionId);
    const said: string[] = [];
    const refusals: unknown[] = [];
    const rooms = {
      artifacts,
      ledger: service.ledger,
      say: (_level: string, message: string) => void said.push(message),
      onRefused: (error: unknown) => void refusals.push(error),
    };
    const open = (attempt: number) => BacktestRecord.open({ ...claimed, attempt }, rooms, mostBytes);
    const stored = async () => readWindows((await artifacts.read(executionId, WINDOWS_ARTIFACT)).content).windows;
    const head = async () => (await service.repository.findHead(executionId))!.head;
    const end = () => service.ledger.cancelled(executionId, service.owner);
    return { ...service, executionId, said, refusals, open, stored, head, end };
  }

  test('are there for the next run, bit for bit, with the runtime until then, and gone at the end', async () => {
    const { open, stored, head, end, refusals } = await begin();
    const first = await open(1);
    expect(first.kept).toEqual([]);
    first.add(windowOf(10), 100);
    first.add(windowOf(20), 200);
    await first.flush();
    expect(await stored()).toEqual([windowOf(10), windowOf(20)]);
    // It got further, though no epoch has a checkpoint.
    expect(await head()).toMatchObject({ runtimeMs: 200, checkpointEpoch: null, interruptionsInVain: 0 });

    const second = await open(2);
    expect(second.kept).toEqual([windowOf(10), windowOf(20)]);
    const [kept] = second.kept as readonly Extract<Window, { kind: 'directions' }>[];
    expect(Object.is(kept!.told.probabilities[0]![3], -0)).toBe(true);
    second.add(windowOf(30), 300);
    await second.flush();
    expect((await stored()).map(({ cutoff }) => cutoff)).toEqual([10, 20, 30]);
    await second.drop();
    second.add(windowOf(40), 400);
    await second.flush();
    await expect(stored()).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
    expect((await open(3)).kept).toEqual([]);
    expect(refusals).toEqual([]);
    await end();
  });

  test('are written together when they come fast, and kept up to a size', async () => {
    const { open, stored, said, end } = await begin(1_000);
    const record = await open(1);
    for (let at = 1; at <= 20; at++) record.add(windowOf(at), at);
    await record.flush();
    const cutoffs = (await stored()).map(({ cutoff }) => cutoff);
    expect(cutoffs.length).toBeGreaterThan(1);
    expect(cutoffs.length).toBeLessThan(10);
    expect(cutoffs).toEqual(cutoffs.map((_, at) => at + 1));
    expect(said).toEqual([
      `The finished windows of the backtest take more than 1000 bytes: after an interruption it would go on after the first ${cutoffs.length}`,
    ]);
    await end();
  });

  test('that cannot be read are fitted again, with a warning', async () => {
    const { open, said, executionId, end } = await begin();
    await artifacts.write(executionId, WINDOWS_ARTIFACT, Uint8Array.of(1, 2, 3), 'application/octet-stream');
    expect((await open(2)).kept).toEqual([]);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^The finished windows of the backtest cannot be read, and are fitted again \(These bytes/);
    await end();
  });

  test('are refused to a run that lost its lease, which is told', async () => {
    const { open, refusals, end } = await begin();
    const record = await open(1);
    await end();
    record.add(windowOf(10), 100);
    await record.flush();
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toMatchObject({ code: 'CONFLICT' });
    record.add(windowOf(20), 200);
    await record.flush();
    expect(refusals).toHaveLength(1);
  });
});
