import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import {
  API_PREFIX,
  presentedKey,
  requestIdOf,
  type Actor,
  type ApiKeys,
  type TrainyardRequest,
} from '../common/http/index.js';
import { ForecastRequest } from './dto/forecast-request.dto.js';
import type { InvocationsService } from './invocations.service.js';
import { textOfPrediction } from './prediction.js';

export interface QuickForecastRooms {
  readonly keys: ApiKeys;
  readonly invocations: InvocationsService;
  readonly bodyBytes: number;
  /** Told when the answer has gone out. */
  onAnswered(answered: AnsweredForecast): void;
}

export interface AnsweredForecast {
  readonly request: TrainyardRequest;
  readonly status: number;
  readonly route: string;
  readonly seconds: number;
}

const PATH = new RegExp(String.raw`^/${API_PREFIX}/endpoints/([a-zA-Z0-9-]{1,63})/forecast$`);
const ROUTE = `/${API_PREFIX}/endpoints/:name/forecast`;

/**
 * Answers forecasts with explicit rows before the web framework sees them: its middleware, router, guards, pipes and
 * interceptors take ten times as long as such a forecast. Key, role, limits and services are the same. What is not that
 * plain (no length, encoded, too large, a body that `ForecastRequest.fits` does not recognise) and what fails goes the
 * framework's way, with the body that was read or the failure, so that every refusal is said in one place.
 */
export function withQuickForecasts(framework: RequestListener, rooms: QuickForecastRooms): RequestListener {
  return (incoming, response) => {
    const request = incoming as TrainyardRequest;
    const name = request.method === 'POST' ? PATH.exec(request.url)?.[1] : undefined;
    if (name === undefined || !isPlain(request, rooms.bodyBytes)) {
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
      rooms.onAnswered({ request, status: response.statusCode, route: ROUTE, seconds });
    });
    answer(name, request, response, rooms).then(
      (isAnswered) => {
        isFrameworks = !isAnswered;
        if (isFrameworks) framework(request, response);
      },
      (failure: unknown) => {
        request.failure = failure;
        framework(request, response);
      },
    );
  };
}

/** False where the framework is to answer. */
async function answer(
  name: string,
  request: TrainyardRequest,
  response: ServerResponse,
  { keys, invocations }: QuickForecastRooms,
): Promise<boolean> {
  const text = await readText(request);
  const actor: Actor = keys.authenticate(presentedKey(request.headers));
  keys.authorize(actor, 'viewer');
  request.actor = actor;
  const body = parse(text);
  if (!ForecastRequest.fits(body)) {
    request.body = body;
    return false;
  }
  const { window = null, future = null } = body as ForecastRequest;
  const prediction = await invocations.forecast(name, { window, future }, {}, actor);
  const json = textOfPrediction(prediction);
  response.writeHead(200, {
    'X-Request-Id': request.requestId ?? '',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(json),
  });
  response.end(json);
  return true;
}

function isPlain({ headers }: IncomingMessage, limit: number): boolean {
  const length = Number(headers['content-length'] ?? 0);
  return (
    length > 0 &&
    length <= limit &&
    headers['content-encoding'] === undefined &&
    /^application\/json\s*(; *charset=utf-8)?$/i.test(headers['content-type'] ?? '')
  );
}

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
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
