import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  ErrorForms,
  type Actor,
  type FormedError,
  type Problem,
  type TrainyardRequest,
} from '../../common/http/index.js';
import { CODE_VERSION } from '../../executions/index.js';
import type { NarrowedPrediction } from '../forecast-options.js';
import { InvocationsService } from '../invocations.service.js';
import { bytesOf, headerOf, json, type DialectAnswer } from './dialect-http.js';
import { forecastColumns } from './forecast-columns.js';
import { readMlflowBody } from './mlflow-body.js';
import { OipService } from './oip.service.js';
import { RowTimes } from './row-times.js';

/** MLflow's names of what went wrong, by status. */
const ERROR_CODES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  429: 'REQUEST_LIMIT_EXCEEDED',
  503: 'TEMPORARILY_UNAVAILABLE',
};

/** MLflow's scoring server: one endpoint is one server, whose address ends in `/endpoints/{name}/mlflow`. */
@Injectable()
export class MlflowService implements OnModuleInit {
  constructor(
    private readonly invocations: InvocationsService,
    private readonly oip: OipService,
    private readonly times: RowTimes,
    private readonly errors: ErrorForms,
  ) {}

  onModuleInit(): void {
    this.errors.register(/^\/endpoints\/[^/]+\/mlflow(\/|$)/, mlflowError);
  }

  async invoke(name: string, http: TrainyardRequest, actor: Actor): Promise<DialectAnswer> {
    const { predictions } = await this.invocations.invoke(name, actor, async (signature) => {
      const { rows, options } = await readMlflowBody(headerOf(http, 'content-type'), bytesOf(http), signature.assets);
      return { asked: [{ input: await this.times.inputOf(rows, signature, undefined), options }] };
    });
    return json({ predictions: recordsOf(predictions[0]!) });
  }

  /** Answers when the endpoint can; like MLflow's, with an empty line. */
  async ping(name: string): Promise<DialectAnswer> {
    await this.oip.modelReady(name, null);
    return { contentType: 'application/json', body: '\n' };
  }

  version(): DialectAnswer {
    return { contentType: 'text/plain', body: CODE_VERSION };
  }
}

/** A row a step, as MLflow writes the data frame that a model returns. */
function recordsOf({ forecasts }: NarrowedPrediction): Record<string, unknown>[] {
  const columns = forecastColumns(forecasts);
  return (forecasts[0]?.times ?? []).map((time, step) => ({
    time,
    ...Object.fromEntries(columns.map(({ name, values }) => [name, values[step]])),
  }));
}

function mlflowError({ message }: Problem, status: number): FormedError {
  const code = ERROR_CODES[status] ?? (status >= 500 ? 'INTERNAL_ERROR' : 'BAD_REQUEST');
  return { status, headers: {}, body: { error_code: code, message } };
}
