import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PredictionJournal } from '#src/inference/prediction-journal.js';

describe('PredictionJournal', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'trainyard-journal-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const files = (): string[] => readdirSync(directory);
  const text = (): string => readFileSync(join(directory, files()[0]!), 'utf8');

  /** As a process that has ended left it. */
  function abandon(): void {
    const file = join(directory, files()[0]!);
    const [, ...lines] = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [JSON.stringify({ process: { pid: 2 ** 22 + 1, startedAt: 'then' } }), ...lines].join('\n'));
  }

  async function leftovers(): Promise<(readonly string[])[]> {
    const found: (readonly string[])[] = [];
    for await (const { lines } of new PredictionJournal(directory).leftovers()) found.push(lines);
    return found;
  }

  it('has a line on disk, in order, once it says so', async () => {
    const segment = new PredictionJournal(directory).newSegment();
    expect(files()).toEqual([]);
    const first = segment.append('1');
    const others = ['2', '3', '4'].map((line) => segment.append(line));
    await first;
    expect(text()).toMatch(/^\{"process":.*\}\n1\n/);
    await Promise.all(others);
    expect(text().split('\n').slice(1)).toEqual(['1', '2', '3', '4', '']);
    await segment.remove();
    expect(files()).toEqual([]);
  });

  it('leaves what a living process writes alone', async () => {
    await new PredictionJournal(directory).newSegment().append('1');
    expect(await leftovers()).toEqual([]);
  });

  it('gives the lines of a process that has ended, without one that was cut off', async () => {
    const segment = new PredictionJournal(directory).newSegment();
    await Promise.all([segment.append('1'), segment.append('2')]);
    abandon();
    appendFileSync(join(directory, files()[0]!), '{"cut');
    expect(await leftovers()).toEqual([['1', '2']]);
    for await (const { remove } of new PredictionJournal(directory).leftovers()) await remove();
    expect(files()).toEqual([]);
  });

  it('says which line could not be written, and goes on with the next', async () => {
    const segment = new PredictionJournal(directory).newSegment();
    rmSync(directory, { recursive: true });
    await expect(segment.append('1')).rejects.toThrow(/ENOENT/);
    new PredictionJournal(directory);
    await segment.append('2');
    expect(text().split('\n').slice(1)).toEqual(['2', '']);
  });
});
