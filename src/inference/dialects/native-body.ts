import { createValidationPipe } from '../../common/http/index.js';
import { ForecastRequest } from '../dto/forecast-request.dto.js';
import type { AskedForecast } from '../invocations.service.js';

const pipe = createValidationPipe();

/** A body of the native API, held to its schema; VALIDATION_FAILED lists what does not fit. */
export async function readNativeBody(body: unknown, inferenceId: string | undefined): Promise<AskedForecast> {
  const request = (await pipe.transform(body, { type: 'body', metatype: ForecastRequest })) as ForecastRequest;
  const { window, future, ...options } = request;
  return {
    input: { window: window ?? null, future: future ?? null, ...(inferenceId === undefined ? {} : { inferenceId }) },
    options,
  };
}
