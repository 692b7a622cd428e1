import { checkDatasetFit } from '#src/executions/check-dataset-fit.js';

const dataset = {
  datasetId: 'dst_1',
  name: 'prices',
  version: 2,
  contentHash: 'x',
  createdAt: '2026-01-01T00:00:00.000Z',
  assets: [
    { id: 'A', assetClass: null, columns: ['close', 'volume'], rows: 9, start: 0, end: 1 },
    { id: 'B', assetClass: null, columns: ['close'], rows: 9, start: 0, end: 1 },
  ],
};

function parameters(data: object, lags: object = {}) {
  return {
    data: { targets: ['A'], baseAssets: 'all', column: null, ...data },
    features: { lags: { enabled: true, assets: 'all', ...lags }, technicalAnalysis: { enabled: false, assets: ['Z'] } },
  } as never;
}

describe('parameters against a dataset version', () => {
  test('what fits passes; assets of a step that is off are not looked at', () => {
    expect(checkDatasetFit(parameters({ column: 'close' }), dataset)).toBeUndefined();
    expect(checkDatasetFit(parameters({ column: 'volume', baseAssets: ['A'] }), dataset)).toBeUndefined();
  });

  test.each([
    [
      { targets: ['A', 'X', 'Y'] },
      {},
      'data.targets names "X", "Y", which dataset "prices" version 2 does not have; it has "A", "B"',
    ],
    [
      { baseAssets: ['X'] },
      {},
      'data.baseAssets names "X", which dataset "prices" version 2 does not have; it has "A", "B"',
    ],
    [
      {},
      { assets: ['X'] },
      'features.lags.assets names "X", which dataset "prices" version 2 does not have; it has "A", "B"',
    ],
  ])('ASSET_UNKNOWN %#', (data, lags, message) => {
    let error: unknown;
    try {
      checkDatasetFit(parameters(data, lags), dataset);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'ASSET_UNKNOWN', message, details: { available: ['A', 'B'], version: 2 } });
  });

  test('COLUMN_UNKNOWN names the asset that lacks the column', () => {
    let error: unknown;
    try {
      checkDatasetFit(parameters({ column: 'volume' }), dataset);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({
      code: 'COLUMN_UNKNOWN',
      message:
        'data.column is "volume", which "B" in dataset "prices" version 2 does not have; B has "close": ' +
        'name one that all used assets have, or list those that have it in data.baseAssets',
    });
  });
});
