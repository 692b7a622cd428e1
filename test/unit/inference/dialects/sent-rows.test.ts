import { inputOfRows, rowsOfSeries, zonedTime } from '#src/inference/dialects/sent-rows.js';
import { readInstance } from '#src/inference/dialects/time-series-body.js';
import { SIGNATURE } from '../../../support/forecast-signatures.js';

describe('rows of dialects', () => {
  it('have their times read as UTC where they state no zone', () => {
    expect(
      ['2024-01-01 00:00:00', '2024-01-01T05:00', '2024-01-01 00:00:00+02:00', '2024-01-01 00:00:00 UTC'].map(
        zonedTime,
      ),
    ).toEqual(['2024-01-01T00:00:00Z', '2024-01-01T05:00Z', '2024-01-01T00:00:00+02:00', '2024-01-01T00:00:00Z']);
    expect(['2024-01-01', 'yesterday'].map(zonedTime)).toEqual(['2024-01-01', 'yesterday']);
  });

  it('that go on beyond the window are known of the rows that are forecast', () => {
    const instance = {
      start: '2024-01-01 00:00:00',
      target: [
        [1, 2],
        [3, null],
      ],
      dynamic_feat: [
        [5, 6],
        [0, 1, 0, 1],
      ],
    };
    const rows = readInstance(instance, 'instances[0]', SIGNATURE);
    expect(rows.times).toEqual(['2024-01-01T00:00:00.000Z', '2024-01-02T00:00:00.000Z']);
    expect(rowsOfSeries(rows, SIGNATURE)).toBe(2);
    expect(inputOfRows({ ...rows, times: rows.times! }, SIGNATURE)).toEqual({
      window: { times: rows.times, series: { north: [1, 2], south: [3, null], rain: [5, 6], holiday: [0, 1] } },
      future: { times: ['2024-01-03T00:00:00.000Z', '2024-01-04T00:00:00.000Z'], series: { holiday: [0, 1] } },
    });
    const long = { times: ['2024-01-01'], series: { north: [1], south: [1], rain: [1], holiday: [0, 0, 0, 0] } };
    expect(() => inputOfRows(long, SIGNATURE)).toThrow('holiday has 3 rows beyond the window; the model forecasts 2');
    const closed = inputOfRows({ times: ['2024-01-01'], series: { north: [1], holiday: [0] } }, SIGNATURE);
    expect(closed.future).toBeNull();
  });

  it('are bounded', () => {
    const many = { times: null, series: { north: Array<number>(100_001).fill(1) } };
    expect(() => rowsOfSeries(many, SIGNATURE)).toThrow('The window has 100001 rows; it may have 100000');
  });
});
