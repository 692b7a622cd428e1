import { jest } from '@jest/globals';
import { Pace } from '#src/training/pace.js';

describe('pace', () => {
  let times: number[];
  let pace: Pace;

  beforeEach(() => {
    jest.useFakeTimers();
    const beganAt = performance.now();
    times = [];
    pace = new Pace(1_000, () => times.push(performance.now() - beganAt));
  });
  afterEach(() => jest.useRealTimers());

  test('the first time at once, then once an interval, however often it is asked for', () => {
    for (let ms = 0; ms < 3_500; ms += 10) {
      pace.soon();
      jest.advanceTimersByTime(10);
    }
    expect(times).toEqual([0, 1_000, 2_000, 3_000]);
    jest.advanceTimersByTime(5_000);
    expect(times).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
    pace.soon();
    expect(times).toEqual([0, 1_000, 2_000, 3_000, 4_000, 8_500]);
  });

  test('now does not wait, and begins the interval anew', () => {
    pace.soon();
    jest.advanceTimersByTime(300);
    pace.soon();
    pace.now();
    pace.soon();
    jest.advanceTimersByTime(10_000);
    expect(times).toEqual([0, 300, 1_300]);
  });

  test('stop takes back what waits', () => {
    pace.soon();
    pace.soon();
    pace.stop();
    jest.advanceTimersByTime(10_000);
    expect(times).toEqual([0]);
  });
});
