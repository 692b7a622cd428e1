import { TrainyardError } from '../../common/errors/index.js';
import type { ForecastSignature } from '../forecast-signature.js';
import type { AskedForecast } from '../invocations.service.js';
import { readCsvRows } from './csv-rows.js';
import { readNativeBody } from './native-body.js';
import { arrayAt, malformed, objectAt, parseJson, textOf } from './read-body.js';
import type { RowTimes } from './row-times.js';
import { ALL_OUTPUTS, optionsOf, readInstance, readOutputs, type TimeSeriesOutputs } from './time-series-body.js';

/** How one forecast is answered, where the form of the answer leaves a choice. */
export type AnswerForm =
  | { readonly kind: 'native' }
  | { readonly kind: 'instance'; readonly outputs: TimeSeriesOutputs }
  /** Rows of CSV; `named`: with a header. */
  | { readonly kind: 'rows'; readonly named: boolean };

export interface SageMakerRequest {
  readonly asked: readonly AskedForecast[];
  /** One for each of `asked`. */
  readonly forms: readonly AnswerForm[];
  /** False for a native body, whose answer is one forecast and not a list of them. */
  readonly isList: boolean;
}

export const MEDIA_TYPES = ['text/csv', 'application/json', 'application/jsonlines'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** In the samples of one answer: some ten megabytes of JSON. */
const MAXIMUM_SAMPLED_VALUES = 500_000;

const ALSO_JSON_LINES = ['application/x-jsonlines', 'application/jsonl', 'application/x-ndjson'];

/** The media type that a Content-Type or an element of Accept names; null for others. */
export function mediaTypeOf(text: string): MediaType | null {
  const name = text.split(';', 1)[0]!.trim().toLowerCase();
  if (ALSO_JSON_LINES.includes(name)) return 'application/jsonlines';
  return MEDIA_TYPES.find((type) => type === name) ?? null;
}

/** The type of the body; UNSUPPORTED_MEDIA_TYPE for one that is not read. */
export function contentTypeOf(header: string | undefined): MediaType {
  const type = mediaTypeOf(header ?? '');
  if (type !== null) return type;
  throw new TrainyardError(
    'UNSUPPORTED_MEDIA_TYPE',
    `Content-Type ${header ?? '(none)'} is not read; send ${MEDIA_TYPES.join(', ')}`,
    { contentType: header ?? null, supported: MEDIA_TYPES },
  );
}

/** The first type of an Accept header that is written; `fallback` where it leaves the choice. */
export function acceptedType(header: string | undefined, fallback: MediaType): MediaType {
  if (header === undefined) return fallback;
  for (const part of header.split(',')) {
    const name = part.split(';', 1)[0]!.trim();
    if (name === '*/*') return fallback;
    const type = mediaTypeOf(name);
    if (type !== null) return type;
  }
  throw new TrainyardError(
    'UNSUPPORTED_MEDIA_TYPE',
    `Accept ${header} is not written; ask for ${MEDIA_TYPES.join(', ')}`,
    { accept: header, supported: MEDIA_TYPES },
  );
}

/** Reads bodies as SageMaker's clients send them, for one model. */
export class SageMakerBodyReader {
  constructor(
    private readonly signature: ForecastSignature,
    private readonly times: RowTimes,
    private readonly inferenceId: string | undefined,
  ) {}

  async read(type: MediaType, body: Uint8Array): Promise<SageMakerRequest> {
    const text = textOf(body);
    switch (type) {
      case 'text/csv':
        return this.readCsv(text);
      case 'application/json':
        return this.readJson(text.trim() === '' ? {} : parseJson(text));
      case 'application/jsonlines':
        return this.readLines(text);
    }
  }

  private async readCsv(text: string): Promise<SageMakerRequest> {
    const { named, ...rows } = readCsvRows(text, this.signature.assets);
    const input = await this.times.inputOf(rows, this.signature, this.inferenceId);
    return {
      asked: [{ input, options: optionsOf(ALL_OUTPUTS, this.signature) }],
      forms: [{ kind: 'rows', named }],
      isList: true,
    };
  }

  private async readJson(body: unknown): Promise<SageMakerRequest> {
    if (typeof body !== 'object' || body === null || !('instances' in body)) {
      return { asked: [await readNativeBody(body, this.inferenceId)], forms: [{ kind: 'native' }], isList: false };
    }
    const { instances, configuration } = objectAt(body, 'body', ['instances', 'configuration']);
    const outputs = readOutputs(configuration, 'configuration');
    return this.inOrder(
      arrayAt(instances, 'instances').map((instance, at) => this.readInstance(instance, `instances[${at}]`, outputs)),
    );
  }

  private readLines(text: string): Promise<SageMakerRequest> {
    const lines = text.split('\n').map((line, at) => ({ line, number: at + 1 }));
    const filled = lines.filter(({ line }) => line.trim() !== '');
    if (filled.length === 0) throw malformed('The body has no lines: send one for each forecast');
    return this.inOrder(
      filled.map(async ({ line, number }) => {
        const body = parseJson(line, `Line ${number}`);
        const isInstance = typeof body === 'object' && body !== null && 'target' in body;
        if (!isInstance) {
          return { asked: await readNativeBody(body, this.inferenceId), form: { kind: 'native' } as const };
        }
        const { configuration } = body as { readonly configuration?: unknown };
        return this.readInstance(body, `line ${number}`, readOutputs(configuration, `line ${number}.configuration`));
      }),
    );
  }

  private async readInstance(value: unknown, path: string, outputs: TimeSeriesOutputs) {
    const rows = readInstance(value, path, this.signature);
    const input = await this.times.inputOf(rows, this.signature, this.inferenceId);
    return {
      asked: { input, options: optionsOf(outputs, this.signature) },
      form: { kind: 'instance', outputs } as const,
    };
  }

  private assertSamples(samples: readonly number[]): void {
    const { targets, horizon } = this.signature;
    const values = samples.reduce((sum, one) => sum + one, 0) * targets.length * horizon;
    if (values <= MAXIMUM_SAMPLED_VALUES) return;
    throw new TrainyardError(
      'LIMIT_EXCEEDED',
      `The samples asked for are ${values} numbers; they may be ${MAXIMUM_SAMPLED_VALUES}: lower num_samples or send fewer instances`,
      { value: values, limit: MAXIMUM_SAMPLED_VALUES },
    );
  }

  private async inOrder(
    reading: readonly Promise<{ readonly asked: AskedForecast; readonly form: AnswerForm }>[],
  ): Promise<SageMakerRequest> {
    const read = await Promise.all(reading);
    this.assertSamples(read.map(({ form }) => (form.kind === 'instance' ? form.outputs.samples : 0)));
    return { asked: read.map(({ asked }) => asked), forms: read.map(({ form }) => form), isList: true };
  }
}
