import { readConfig } from '#src/common/config/index.js';
import { ForecastAdmission } from '#src/inference/forecast-admission.js';

/** Work that ends when it is told to. */
function work(): { readonly run: () => Promise<string>; end(): void } {
  let end = (): void => undefined;
  const ended = new Promise<string>((resolve) => (end = () => resolve('done')));
  return { run: () => ended, end: () => end() };
}

const admission = (limit: number, timeoutMs: number): ForecastAdmission =>
  new ForecastAdmission(
    readConfig(
      { TRAINYARD_LIMIT_ENDPOINT_REQUESTS: String(limit), TRAINYARD_FORECAST_TIMEOUT_MS: String(timeoutMs) },
      1,
    ),
  );

describe('ForecastAdmission', () => {
  it('takes as many as its limit for each endpoint, and more when one has ended, well or not', async () => {
    const gate = admission(2, 60_000);
    const [first, second] = [work(), work()];
    const under = [gate.within('a', first.run), gate.within('a', second.run)];
    await expect(gate.within('a', () => Promise.resolve('x'))).rejects.toMatchObject({
      code: 'ENDPOINT_BUSY',
      status: 429,
      message:
        'Endpoint "a" answers 2 requests already, the limit is 2 (TRAINYARD_LIMIT_ENDPOINT_REQUESTS): try again later',
    });
    expect(await gate.within('b', () => Promise.resolve('x'))).toBe('x');
    first.end();
    expect(await under[0]).toBe('done');
    await expect(gate.within('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await gate.within('a', () => Promise.resolve('x'))).toBe('x');
    second.end();
    expect(await under[1]).toBe('done');
  });

  it('answers for one that takes too long, and counts it until it has ended', async () => {
    const gate = admission(1, 5);
    const slow = work();
    await expect(gate.within('a', slow.run)).rejects.toMatchObject({
      code: 'FORECAST_TIMEOUT',
      status: 504,
      message:
        'Endpoint "a" did not answer within 5 ms (TRAINYARD_FORECAST_TIMEOUT_MS); its prediction may still be stored',
    });
    await expect(gate.within('a', slow.run)).rejects.toMatchObject({ code: 'ENDPOINT_BUSY' });
    slow.end();
    await slow.run();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await gate.within('a', () => Promise.resolve('x'))).toBe('x');
  });
});
