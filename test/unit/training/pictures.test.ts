import type { ChartSpec } from '#src/ml/plots/theme.js';
import { Pictures } from '#src/training/pictures.js';
import { ChartThread } from '#src/training/worker/chart-thread.js';
import { warmUpChart } from '#src/training/worker/warm-up-chart.js';
import { decodePng } from '../../support/png.js';

// Real here: the thread, Vega and resvg.

const PLAIN: ChartSpec = {
  data: { values: [{ a: 1, b: 2 }] },
  mark: 'point',
  encoding: { x: { field: 'a', type: 'quantitative' }, y: { field: 'b', type: 'quantitative' } },
};
const WRONG: ChartSpec = {
  data: { values: [{ a: 1 }] },
  mark: 'point',
  encoding: { x: { field: 'a', type: 'quantitative', scale: { type: 'log', zero: true } } },
};
const ZERO_IS_DROPPED = /^chart specification: x-scale's "zero" is dropped/;

describe('Pictures', () => {
  it('come in the order they were begun, with the files between them, under names that are known before', async () => {
    const pictures = new Pictures();
    pictures.begin('large.png', { ...warmUpChart(), padding: 400 });
    pictures.add({ name: 'table.csv', contentType: 'text/csv', content: Uint8Array.of(1, 2) });
    pictures.begin('small.png', PLAIN);
    expect(pictures.names).toEqual(['large.png', 'table.csv', 'small.png']);
    const drawn = await pictures.drawn();
    expect(drawn.map(({ name, contentType }) => `${name} ${contentType}`)).toEqual([
      'large.png image/png',
      'table.csv text/csv',
      'small.png image/png',
    ]);
    expect([...drawn[1]!.content]).toEqual([1, 2]);
    expect(decodePng(Buffer.from(drawn[0]!.content)).width).toBeGreaterThan(1_200);
    expect(decodePng(Buffer.from(drawn[2]!.content)).width).toBeLessThan(400);
  }, 60_000);

  it('tell of a wrong chart when they are asked for, not before', async () => {
    const pictures = new Pictures();
    pictures.begin('wrong.png', WRONG);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(pictures.drawn()).rejects.toThrow(ZERO_IS_DROPPED);
  }, 60_000);
});

describe('ChartThread', () => {
  it('draws on after a chart that was wrong', async () => {
    const thread = new ChartThread();
    thread.open();
    const [first, wrong, again] = await Promise.allSettled([PLAIN, WRONG, PLAIN].map((spec) => thread.draw(spec)));
    expect(first).toMatchObject({ status: 'fulfilled', value: expect.stringMatching(/^<svg .*<\/svg>$/s) as string });
    expect(again).toEqual(first);
    expect(wrong).toMatchObject({ reason: { message: expect.stringMatching(ZERO_IS_DROPPED) as string } });
  }, 60_000);

  it('fails every chart that waits when the thread dies, and starts another one for the next', async () => {
    const thread = new ChartThread(new URL('data:text/javascript,process.exit(3)'));
    const message = 'the thread that draws charts ended with exit code 3';
    await expect(Promise.allSettled([thread.draw(PLAIN), thread.draw(PLAIN)])).resolves.toMatchObject([
      { reason: { message } },
      { reason: { message } },
    ]);
    await expect(thread.draw(PLAIN)).rejects.toThrow(message);
  });

  it('says what the thread died of', async () => {
    const thread = new ChartThread(new URL('data:text/javascript,throw new Error("no memory")'));
    await expect(thread.draw(PLAIN)).rejects.toMatchObject({ cause: { message: 'no memory' } });
  });
});
