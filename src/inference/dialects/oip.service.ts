import { Injectable, type OnModuleInit } from '@nestjs/common';
import { TrainyardError } from '../../common/errors/index.js';
import { ErrorForms, type Actor, type TrainyardRequest } from '../../common/http/index.js';
import { DatabaseHealth } from '../../database/index.js';
import { CODE_VERSION } from '../../executions/index.js';
import { answeringVersions, type Endpoint, type Variant } from '../endpoint.js';
import { EndpointsService } from '../endpoints.service.js';
import { InvocationsService } from '../invocations.service.js';
import { bytesOf, headerOf, json, type DialectAnswer } from './dialect-http.js';
import { ModelSignatures } from './model-signatures.js';
import { outputsOf, writeOipAnswer } from './oip-outputs.js';
import { MATRIX_INPUT, TIMES, readOipRequest } from './oip-request.js';
import { wrong } from './read-body.js';
import { RowTimes } from './row-times.js';

const HEADER_LENGTH = 'inference-header-content-length';

/** Open Inference Protocol v2. A model of the protocol is an endpoint of ours, its versions are those that answer. */
@Injectable()
export class OipService implements OnModuleInit {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly invocations: InvocationsService,
    private readonly signatures: ModelSignatures,
    private readonly times: RowTimes,
    private readonly database: DatabaseHealth,
    private readonly errors: ErrorForms,
  ) {}

  onModuleInit(): void {
    this.errors.register(/^\/v2(\/|$)/, ({ message }, status) => ({ status, headers: {}, body: { error: message } }));
  }

  live(): DialectAnswer {
    return json({ live: true });
  }

  /** STORAGE_UNAVAILABLE while the database does not answer. */
  async ready(): Promise<DialectAnswer> {
    await this.database.ping();
    return json({ ready: true });
  }

  server(): DialectAnswer {
    return json({ name: 'trainyard', version: CODE_VERSION, extensions: ['binary_tensor_data'] });
  }

  async metadata(name: string, version: string | null): Promise<DialectAnswer> {
    const endpoint = await this.endpoints.get(name);
    const { modelVersion } = variantOf(endpoint, version);
    const signature = await this.signatures.get({ model: endpoint.model, modelVersion });
    const { assets, horizon } = signature;
    const number = (input: string, shape: readonly number[]) => ({ name: input, datatype: 'FP64', shape });
    return json({
      name,
      versions: answeringVersions(endpoint).map(String),
      platform: 'trainyard',
      inputs: [
        ...assets.map((asset) => number(asset, [-1, -1])),
        ...(assets.includes(MATRIX_INPUT) ? [] : [number(MATRIX_INPUT, [-1, -1, assets.length])]),
        ...(assets.includes(TIMES) ? [] : [{ name: TIMES, datatype: 'BYTES', shape: [-1, -1] }]),
      ],
      outputs: outputsOf(signature).map(({ name: output, datatype }) => ({
        name: output,
        datatype,
        shape: [-1, horizon],
      })),
    });
  }

  /** An idle endpoint is ready: it wakes with the request. ENDPOINT_NOT_READY for one that cannot answer. */
  async modelReady(name: string, version: string | null): Promise<DialectAnswer> {
    const endpoint = await this.endpoints.get(name);
    variantOf(endpoint, version);
    const { status } = endpoint;
    if (status === 'InService' || status === 'Updating' || status === 'Idle') return json({ name, ready: true });
    throw new TrainyardError('ENDPOINT_NOT_READY', `Endpoint "${name}" is ${status}`, { endpoint: name, status });
  }

  async infer(name: string, version: string | null, http: TrainyardRequest, actor: Actor): Promise<DialectAnswer> {
    const headerLength = readHeaderLength(headerOf(http, HEADER_LENGTH));
    const targetVariant = version === null ? undefined : variantOf(await this.endpoints.get(name), version).name;
    const { read, endpoint, predictions } = await this.invocations.invoke(
      name,
      actor,
      async (signature) => {
        const request = readOipRequest(bytesOf(http), headerLength, signature);
        const inputs = request.windows.map((window) => this.times.inputOf(window, signature, request.id));
        const asked = (await Promise.all(inputs)).map((input) => ({ input, options: request.options }));
        return { request, asked };
      },
      { targetVariant },
    );
    const { id, outputs } = read.request;
    const facts = {
      model_name: name,
      model_version: String(endpoint.modelVersion),
      ...(id === undefined ? {} : { id }),
    };
    const answer = writeOipAnswer(facts, outputs, predictions);
    if (answer.headerLength === null) return { contentType: 'application/json', body: answer.body };
    return {
      contentType: 'application/octet-stream',
      headers: { 'Inference-Header-Content-Length': String(answer.headerLength) },
      body: answer.body,
    };
  }
}

/** The variant that answers for a version; null: the first, which stands for the endpoint. */
function variantOf(endpoint: Endpoint, version: string | null): Variant {
  const { name, variants } = endpoint;
  const found = variants.find(({ modelVersion }) => version === null || String(modelVersion) === version);
  if (found !== undefined) return found;
  const versions = answeringVersions(endpoint);
  throw new TrainyardError(
    'MODEL_NOT_FOUND',
    `Endpoint "${name}" serves version ${versions.join(', ')} of its model, not ${version}: leave the version out, or ask for one of these`,
    { endpoint: name, version, served: versions },
  );
}

function readHeaderLength(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (/^\d{1,10}$/.test(header)) return Number(header);
  throw wrong('Inference-Header-Content-Length', header, 'must be a whole number of bytes');
}
