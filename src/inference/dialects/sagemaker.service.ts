import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ErrorForms, type Actor, type TrainyardRequest } from '../../common/http/index.js';
import { InvocationsService } from '../invocations.service.js';
import { bytesOf, headerOf, type DialectAnswer } from './dialect-http.js';
import { wrong } from './read-body.js';
import { RowTimes } from './row-times.js';
import { writeSageMakerAnswer } from './sagemaker-answer.js';
import { SageMakerBodyReader, acceptedType, contentTypeOf } from './sagemaker-body.js';
import { sageMakerError } from './sagemaker-errors.js';

const INFERENCE_ID = /^[ -~]{1,64}$/;

/** What SageMaker would send elsewhere within an endpoint; there is one model behind one of ours. */
const REFUSED_HEADERS = [
  'x-amzn-sagemaker-target-model',
  'x-amzn-sagemaker-target-container-hostname',
  'x-amzn-sagemaker-inference-component',
  'x-amzn-sagemaker-enable-explanations',
  'x-amzn-sagemaker-session-id',
];

/** `InvokeEndpoint` of SageMaker Runtime. */
@Injectable()
export class SageMakerService implements OnModuleInit {
  constructor(
    private readonly invocations: InvocationsService,
    private readonly times: RowTimes,
    private readonly errors: ErrorForms,
  ) {}

  onModuleInit(): void {
    this.errors.register(/^\/endpoints\/[^/]+\/invocations\/?$/, sageMakerError);
  }

  async invoke(endpoint: string, http: TrainyardRequest, actor: Actor): Promise<DialectAnswer> {
    const type = contentTypeOf(headerOf(http, 'content-type'));
    const accepted = acceptedType(headerOf(http, 'accept'), type);
    const inferenceId = inferenceIdOf(http);
    const targetVariant = headerOf(http, 'x-amzn-sagemaker-target-variant');
    for (const name of REFUSED_HEADERS) {
      const value = headerOf(http, name);
      if (value !== undefined) throw wrong(name, value, `${name} has no meaning here: leave it out`);
    }
    const { read, predictions, variant } = await this.invocations.invoke(
      endpoint,
      actor,
      (signature) => new SageMakerBodyReader(signature, this.times, inferenceId).read(type, bytesOf(http)),
      { targetVariant, inferenceId },
    );
    const custom = headerOf(http, 'x-amzn-sagemaker-custom-attributes');
    return {
      contentType: accepted,
      headers: {
        'x-Amzn-Invoked-Production-Variant': variant,
        'x-amzn-RequestId': http.requestId ?? '',
        ...(custom === undefined ? {} : { 'X-Amzn-SageMaker-Custom-Attributes': custom }),
      },
      body: writeSageMakerAnswer(accepted, read, predictions),
    };
  }
}

function inferenceIdOf(http: TrainyardRequest): string | undefined {
  const id = headerOf(http, 'x-amzn-sagemaker-inference-id');
  if (id === undefined || INFERENCE_ID.test(id)) return id;
  throw wrong('X-Amzn-SageMaker-Inference-Id', id, 'must have 1 to 64 printable characters');
}
