import type { AssetFrame } from '#src/ml/frame/time-frame.js';
import { decodeModelState } from '#src/ml/export/model-state-codec.js';
import type { FittedProcessing } from '#src/ml/processing/processing-plan.js';
import { TrainingHost } from '#src/training/training-host.js';
import type { WarmStart } from '#src/training/worker/protocol.js';
import { artifactOf, digestsOf, exampleFrames, logsOf, train, type Trained } from '../support/training-example.js';
import { forecastReport } from '../support/forecast-report.js';

const host = new TrainingHost();
afterAll(() => host.close());

/** Reads levels, so that a value that is scaled otherwise is another value to it. */
const NETWORK = { units: [24], normalisation: 'none', learningRate: 0.005, batchSize: 32, patience: 0 };
const OLD_ROWS = 360;
const epochsOf = (epochs: number) => ({ ...NETWORK, epochs });

/** The example up to a row; from `OLD_ROWS` on everything is larger and higher. */
function frames(rows: number): AssetFrame[] {
  const begin = exampleFrames()[0]!.frame.times[0]!;
  return exampleFrames().map(({ frame, ...asset }) => {
    const kept = frame.times.filter((time) => time < begin + rows * 3_600_000);
    const values = frame.columns[0]!.slice(0, kept.length);
    return {
      ...asset,
      frame: {
        ...frame,
        times: kept,
        columns: [values.map((value, at) => (kept[at]! < begin + OLD_ROWS * 3_600_000 ? value : 1.03 * value + 0.5))],
      },
    };
  });
}

function originOf({ result }: Trained): WarmStart {
  const processing = new TextDecoder().decode(artifactOf(result, 'processing.json').content);
  const model = decodeModelState(artifactOf(result, 'model.json').content);
  return { model, fitted: JSON.parse(processing) as FittedProcessing };
}

const example = (hyperparameters: ReturnType<typeof epochsOf>, rows: number, warmStart?: WarmStart) => ({
  algorithm: 'mlp',
  hyperparameters,
  frames: frames(rows),
  adjust: { engine: 'onnx-web', ...(warmStart && { warmStart: structuredClone(warmStart) }) } as const,
});

describe('a warm start', () => {
  let origin: Trained;
  let warmStart: WarmStart;
  let warm: Trained;

  beforeAll(async () => {
    origin = await train(host, example(epochsOf(40), OLD_ROWS));
    warmStart = originOf(origin);
    warm = await train(host, example(epochsOf(2), 600, warmStart));
  }, 240_000);

  it('reads the new rows through the scales of its origin, bit for bit', () => {
    const { fitted } = originOf(warm);
    expect(fitted.inputs).toEqual(warmStart.fitted.inputs);
    expect(fitted.targets).toEqual(warmStart.fitted.targets);
    expect(logsOf(warm.news).filter((line) => line.startsWith('Warm start'))).toEqual([
      "Warm start: the weights begin as the origin's, and so does what they read: its 2 input columns and their scaling (targets: standard) are kept as fitted on its train part",
      expect.stringMatching(/^Warm start: before the first epoch the validation loss is \d/),
      expect.stringMatching(/^Warm start: the origin's validation loss on these data was \d/),
    ]);
  });

  it('begins with the loss that its origin has on these data', async () => {
    const idle = await train(host, {
      ...example(epochsOf(2), 600, warmStart),
      adjust: { ...example(epochsOf(2), 600, warmStart).adjust, maxRuntimeMs: 0 },
    });
    expect(idle.result).toMatchObject({ bestEpoch: 0, stopReason: 'budget' });
    expect(idle.result.originLoss).toBe(warm.result.originLoss);
    // The report scores in the same scale, by its own path: mean squared error over both targets.
    const { mse } = forecastReport(idle.result.report).validation!.model.scaled;
    expect(idle.result.originLoss! / mse).toBeCloseTo(1, 5);
    expect(idle.result.model.tensors).toEqual(warmStart.model.tensors);
  }, 240_000);

  it('comes in 2 epochs to where a cold start is after many more', async () => {
    const maeOf = ({ result }: Trained): number => forecastReport(result.report).validation!.model.original.mae;
    const cold = await train(host, example(epochsOf(2), 600));
    const long = await train(host, example(epochsOf(6), 600));
    // Fitted anew, the scales would be others.
    expect(originOf(cold).fitted.targets).not.toEqual(warmStart.fitted.targets);
    expect(maeOf(warm)).toBeLessThan(0.6 * maeOf(cold));
    expect(maeOf(warm)).toBeLessThan(maeOf(long));
    expect(warm.result.validationLoss!).toBeLessThan(warm.result.originLoss!);
  }, 240_000);

  it('ends with the same bytes again, and from its checkpoint', async () => {
    const again = await train(host, example(epochsOf(2), 600, warmStart));
    expect(digestsOf(again.result)).toEqual(digestsOf(warm.result));
    const [checkpoint] = warm.news.flatMap((message) => (message.type === 'checkpoint' ? [message.checkpoint] : []));
    const epochsBefore = warm.news.flatMap((message) => (message.type === 'epoch' ? [message.record] : [])).slice(0, 1);
    const job = example(epochsOf(2), 600, warmStart);
    const resumed = await train(host, { ...job, adjust: { ...job.adjust, resumeFrom: checkpoint!, epochsBefore } });
    expect(digestsOf(resumed.result)).toEqual(digestsOf(warm.result));
  }, 240_000);

  it('remembers up to when it has learned, that of its origin included', () => {
    const [before, after] = [warmStart.fitted.learned!, originOf(warm).fitted.learned!];
    const begin = exampleFrames()[0]!.frame.times[0]!;
    const row = (time: number): number => (time - begin) / 3_600_000;
    expect([row(before.trainEnd), row(before.validationEnd)]).toEqual([251, 305]);
    expect([row(after.trainEnd), row(after.validationEnd)]).toEqual([419, 509]);
  });

  it('refuses an origin that has learned from rows which would score it', async () => {
    const late = await train(host, example(epochsOf(1), 600));
    const job = example(epochsOf(1), OLD_ROWS, originOf(late));
    await expect(train(host, job)).rejects.toMatchObject({
      code: 'LOOK_AHEAD',
      message: expect.stringMatching(
        /^The validation part begins at \S+Z, and the origin of the warm start was trained on rows up to \S+Z: it would be scored on what it knows; move the split/,
      ) as string,
    });
    const unknown = { ...warmStart, fitted: { ...warmStart.fitted, learned: undefined } };
    await expect(train(host, example(epochsOf(1), 600, unknown as unknown as WarmStart))).rejects.toMatchObject({
      code: 'LOOK_AHEAD',
      message: expect.stringContaining('train it again') as string,
    });
  }, 240_000);

  it('refuses rows that follow each other otherwise, and a network of other layers', async () => {
    const calendar = { ...warmStart.fitted.calendar, step: 60_000 };
    const faster = { ...warmStart, fitted: { ...warmStart.fitted, calendar } };
    await expect(train(host, example(epochsOf(1), 600, faster))).rejects.toMatchObject({
      code: 'WARM_START_MISMATCH',
      message: expect.stringContaining(
        'The rows are 3600000 ms apart, every day, those of the origin of the warm start 60000 ms apart',
      ) as string,
    });
    const wider = { ...epochsOf(1), units: [32] };
    await expect(train(host, example(wider, 600, warmStart))).rejects.toMatchObject({
      code: 'WARM_START_MISMATCH',
      message: expect.stringMatching(
        /layer 2 would be Dense \S+ .*"units":32.*, the origin's is Dense \S+ .*"units":24/,
      ) as string,
    });
  }, 240_000);
});
