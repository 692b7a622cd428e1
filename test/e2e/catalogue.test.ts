import { CatalogueModule } from '#src/catalogue/index.js';
import { startApplication, type RunningApplication } from '../support/application.js';

interface Named {
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

/** Real: the catalogue over HTTP. No database. */
describe('the catalogue', () => {
  let running: RunningApplication;

  beforeAll(async () => {
    running = await startApplication([CatalogueModule]);
  });

  afterAll(() => running.close());

  async function get(path: string): Promise<Named[]> {
    const response = await fetch(`${running.url}/api/v1/${path}`);
    expect(response.status).toBe(200);
    return ((await response.json()) as { items: Named[] }).items;
  }

  it('declares each hyperparameter of each algorithm once and completely', async () => {
    const algorithms = await get('algorithms');
    expect(algorithms.map(({ name }) => name)).toEqual(expect.arrayContaining(['naive', 'seasonal-naive']));
    expect(algorithms.find(({ name }) => name === 'seasonal-naive')).toEqual({
      name: 'seasonal-naive',
      title: 'Seasonal naive',
      description: expect.stringContaining('Repeats the last season') as string,
      family: 'baseline',
      usesFeatures: false,
      usesWeights: false,
      usesKnownFuture: false,
      tasks: ['forecast', 'direction'],
      startsWarm: false,
      hyperparameters: [
        {
          name: 'seasonLength',
          kind: 'integer',
          default: 0,
          minimum: 0,
          maximum: 100_000,
          scale: 'linear',
          unit: 'rows',
          description: expect.stringContaining('Rows of one season') as string,
        },
      ],
    });
  });

  it('lists the transforms that a scaling can name', async () => {
    const items = await get('transforms');
    expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(['standard', 'log', 'difference', 'none']));
    expect(items.find(({ name }) => name === 'difference')).toMatchObject({
      kind: 'positional',
      appliesTo: 'series',
      parameters: [{ name: 'lag', kind: 'integer', default: 1, minimum: 1, maximum: 100_000 }],
    });
  });

  it('describes everything it names', async () => {
    const items = [...(await get('algorithms')), ...(await get('feature-steps')), ...(await get('transforms'))];
    expect(items.filter(({ title, description }) => title === '' || description === '')).toEqual([]);
  });
});
