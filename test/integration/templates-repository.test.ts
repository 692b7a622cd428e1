import { TEMPLATE_TABLE, type TemplateItem } from '#src/templates/template.entity.js';
import { completeParameters } from '#src/templates/resolve-template.js';
import type { TemplateVersion } from '#src/templates/index.js';
import { TemplatesRepository } from '#src/templates/templates.repository.js';
import type { Table } from '#src/database/index.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

const LIMITS = { horizon: 1_000, lookBack: 5_000, assets: 100_000 };

/** Real: the embedded database. A crash is a step of an edit that does not happen. */
describe('the templates repository', () => {
  let opened: TestDatabase;
  let table: Table<TemplateItem>;
  let templates: TemplatesRepository;

  beforeAll(async () => {
    opened = await openTestDatabase();
    await opened.database.ensureTables([TEMPLATE_TABLE]);
    table = opened.database.table(TEMPLATE_TABLE);
    templates = new TemplatesRepository(table);
  });

  afterAll(() => opened.close());

  function version(templateId: string, number: number, targets: string[] = ['EUR']): TemplateVersion {
    const given = { data: { datasetId: `dst_${templateId}`, targets }, algorithm: { name: 'naive' } };
    return {
      templateId,
      version: number,
      name: `v${number}`,
      description: '',
      given,
      parameters: completeParameters(given, LIMITS),
      createdAt: `2026-01-0${number}T00:00:00.000Z`,
      createdBy: 'test',
    };
  }

  it('gives back what was saved, lists and nulls included', async () => {
    const first = version('tpl_same', 1);
    await templates.create(first);
    const found = await templates.findNewest('tpl_same');
    expect(found).toMatchObject(JSON.parse(JSON.stringify(first)) as object);
    expect(found?.parameters).toEqual(first.parameters);
  });

  it('is as before when an edit dies after the copy of the old version', async () => {
    await templates.create(version('tpl_crash', 1));
    const { version: templateVersion, ...first } = version('tpl_crash', 1);
    // The first of the two writes of `replaceNewest`, and no second.
    await table.put({ ...first, templateVersion, item: 'v0000000001' });
    expect((await templates.findNewest('tpl_crash'))?.version).toBe(1);
    await templates.replaceNewest((await templates.findNewest('tpl_crash'))!, version('tpl_crash', 2));
    expect((await templates.findNewest('tpl_crash'))?.version).toBe(2);
    expect(await templates.findOlder('tpl_crash', 1)).toEqual(version('tpl_crash', 1));
    expect(await templates.findOlder('tpl_crash', 2)).toBeNull();
  });

  it('lets one of two edits of the same version through', async () => {
    await templates.create(version('tpl_race', 1));
    const seenByBoth = (await templates.findNewest('tpl_race'))!;
    await templates.replaceNewest(seenByBoth, version('tpl_race', 2));
    const late = templates.replaceNewest(seenByBoth, { ...version('tpl_race', 2), name: 'late' });
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await templates.findNewest('tpl_race'))?.name).toBe('v2');
  });

  it('does not delete what was edited meanwhile, and leaves nothing of what it deletes', async () => {
    await templates.create(version('tpl_gone', 1));
    const old = (await templates.findNewest('tpl_gone'))!;
    await templates.replaceNewest(old, version('tpl_gone', 2));
    await expect(templates.delete(old)).rejects.toMatchObject({ code: 'CONFLICT' });
    await templates.delete((await templates.findNewest('tpl_gone'))!);
    expect((await table.query({ partition: 'tpl_gone' })).items).toEqual([]);
    expect(await templates.listUsersOfDataset('dst_tpl_gone')).toEqual([]);
  });

  it('counts only newest versions among the users of a dataset', async () => {
    await templates.create(version('tpl_user', 1));
    const moved = version('tpl_user', 2);
    const elsewhere = { ...moved.parameters, data: { ...moved.parameters.data, datasetId: 'dst_elsewhere' } };
    await templates.replaceNewest((await templates.findNewest('tpl_user'))!, { ...moved, parameters: elsewhere });
    expect(await templates.listUsersOfDataset('dst_tpl_user')).toEqual([]);
    expect(await templates.listUsersOfDataset('dst_elsewhere')).toEqual(['tpl_user']);
  });

  it('gives every claim of one key the record of the first', async () => {
    const claims = await Promise.all(
      ['a', 'b', 'c'].map((templateId) => templates.claimCreation('key', { templateId, requestHash: templateId })),
    );
    expect(new Set(claims.map(({ templateId }) => templateId)).size).toBe(1);
    expect(await templates.claimCreation('key', { templateId: 'd', requestHash: 'd' })).toEqual(claims[0]);
  });

  it('refuses a template that is too large for an item, with the remedy', async () => {
    const targets = Array.from({ length: 9_000 }, (_, at) => `asset-with-a-long-name-${at}`);
    await expect(templates.create(version('tpl_large', 1, targets))).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringMatching(
        /^The template takes \d+ bytes, and the limit is 300000: shorten its lists/,
      ) as string,
    });
    expect(await templates.findNewest('tpl_large')).toBeNull();
  });
});
