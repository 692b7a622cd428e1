import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import {
  API_PREFIX,
  ApiKeys,
  presentedKey,
  requestIdOf,
  type Actor,
  type TrainyardRequest,
} from '../common/http/index.js';
import type { DialectAnswer } from './dialects/dialect-http.js';
import { MlflowService } from './dialects/mlflow.service.js';
import { OipService } from './dialects/oip.service.js';
import { SageMakerService } from './dialects/sagemaker.service.js';
import { ForecastRequest } from './dto/forecast-request.dto.js';
import { InvocationsService } from './invocations.service.js';
import { textOfPrediction } from './prediction.js';

export interface AnsweredForecast {
  readonly request: TrainyardRequest;
  readonly status: number;
  readonly route: string;
  readonly seconds: number;
}

/** A way to ask for forecasts. */
interface QuickRoute {
  readonly path: RegExp;
  /** As the framework calls it. */
  readonly name: string;
  readonly contentType: RegExp;
  /** What the controller would answer to the body; null where the framework is to look at it. `parts`: of the path. */
  answer(
    parts: readonly (string | undefined)[],
    request: TrainyardRequest,
    actor: Actor,
  ): Promise<DialectAnswer | null>;
}

const NAME = '([a-zA-Z0-9-]{1,63})';
const ANY_TYPE = /^/;

/**
 * Answers forecasts before the web framework sees them: its middleware, router, guards, pipes and interceptors take ten
 * times as long as a forecast. Key, role, limits and services are the same. What is not that plain (no length, encoded,
 * too large, a query, a native body that `ForecastRequest.fits` does not recognise) and what fails goes the framework's
 * way, with the body that was read or the failure, so that every refusal is said in one place.
 */
@Injectable()
export class QuickForecasts {
  private readonly bodyBytes: number;
  private readonly routes: readonly QuickRoute[];

  constructor(
    private readonly keys: ApiKeys,
    private readonly invocations: InvocationsService,
    sageMaker: SageMakerService,
    oip: OipService,
    mlflow: MlflowService,
    @Inject(CONFIG) { limits }: TrainyardConfig,
  ) {
    this.bodyBytes = limits.bodyBytes;
    this.routes = [
      {
        path: new RegExp(`^/${API_PREFIX}/endpoints/${NAME}/forecast$`),
        name: `/${API_PREFIX}/endpoints/:name/forecast`,
        contentType: /^application\/json\s*(; *charset=utf-8)?$/i,
        answer: ([name = ''], request, actor) => this.answerNative(name, request, actor),
      },
      {
        path: new RegExp(`^/endpoints/${NAME}/invocations$`),
        name: '/endpoints/:name/invocations',
        contentType: ANY_TYPE,
        answer: ([name = ''], request, actor) => sageMaker.invoke(name, request, actor),
      },
      {
        path: new RegExp(`^/endpoints/${NAME}/mlflow/invocations$`),
        name: '/endpoints/:name/mlflow/invocations',
        contentType: ANY_TYPE,
        answer: ([name = ''], request, actor) => mlflow.invoke(name, request, actor),
      },
      {
        path: new RegExp(`^/v2/models/${NAME}/infer$`),
        name: '/v2/models/:name/infer',
        contentType: ANY_TYPE,
        answer: ([name = ''], request, actor) => oip.infer(name, null, request, actor),
      },
    ];
  }

  /** `onAnswered` is told when an answer has gone out that `framework` had no part in. */
  before(framework: RequestListener, onAnswered: (answered: AnsweredForecast) => void): RequestListener {
    return (incoming, response) => {
      const request = incoming as TrainyardRequest;
      const route = this.routeOf(request);
      if (route === undefined) {
        framework(request, response);
        return;
      }
      request.requestId = requestIdOf(request.headers);
      const begin = process.hrtime.bigint();
      let isFrameworks = false;
      response.once('close', () => {
        // What the framework answers it measures and logs itself; of a failure that it is only given it does not.
        if (isFrameworks) return;
        const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
        onAnswered({ request, status: response.statusCode, route: route.name, seconds });
      });
      this.answer(route, request).then(
        (answer) => {
          isFrameworks = answer === null;
          if (answer === null) framework(request, response);
          else send(response, request, answer);
        },
        (failure: unknown) => {
          request.failure = failure;
          framework(request, response);
        },
      );
    };
  }

  private routeOf({ method, url, headers }: TrainyardRequest): QuickRoute | undefined {
    const length = Number(headers['content-length'] ?? 0);
    const isPlain = length > 0 && length <= this.bodyBytes && headers['content-encoding'] === undefined;
    if (method !== 'POST' || !isPlain) return undefined;
    return this.routes.find(
      ({ path, contentType }) => path.test(url) && contentType.test(headers['content-type'] ?? ''),
    );
  }

  private async answer(route: QuickRoute, request: TrainyardRequest): Promise<DialectAnswer | null> {
    request.body = await readBody(request);
    const actor: Actor = this.keys.authenticate(presentedKey(request.headers));
    this.keys.authorize(actor, 'viewer');
    request.actor = actor;
    return route.answer(route.path.exec(request.url)?.slice(1) ?? [], request, actor);
  }

  private async answerNative(name: string, request: TrainyardRequest, actor: Actor): Promise<DialectAnswer | null> {
    const body = parse((request.body as Buffer).toString('utf8'));
    if (!ForecastRequest.fits(body)) {
      request.body = body;
      return null;
    }
    const { window = null, future = null } = body as ForecastRequest;
    const prediction = await this.invocations.forecast(name, { window, future }, {}, actor);
    return { contentType: 'application/json; charset=utf-8', body: textOfPrediction(prediction) };
  }
}

function send(response: ServerResponse, { requestId }: TrainyardRequest, answer: DialectAnswer): void {
  const { contentType, headers, body } = answer;
  response.writeHead(200, {
    'X-Request-Id': requestId ?? '',
    ...headers,
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
  });
}

/** Fails as the framework's body parser does. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw Object.assign(error as Error, { status: 400, type: 'entity.parse.failed' });
  }
}
