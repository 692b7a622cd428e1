import { Injectable } from '@nestjs/common';
import { TrainyardError } from '../common/errors/index.js';
import type { Actor } from '../common/http/index.js';
import { inParallel } from '../common/in-parallel.js';
import type { ModelBundle } from '../registry/index.js';
import { EndpointsService } from './endpoints.service.js';
import type { Endpoint, Variant } from './endpoint.js';
import { framesOfWindow, type ForecastInput } from './forecast-input.js';
import {
  assertAnswerable,
  narrowPrediction,
  type ForecastOptions,
  type NarrowedPrediction,
} from './forecast-options.js';
import { signatureOf, type ForecastSignature } from './forecast-signature.js';
import { ForecastAdmission } from './forecast-admission.js';
import { ForecastsService } from './forecasts.service.js';
import { withFuture } from './known-future-rows.js';
import type { LoadedModel } from './loaded-model.js';
import type { VariantWish } from './variant-choice.js';

/** One forecast of an invocation: what it is made from, and what of it is answered. */
export interface AskedForecast {
  readonly input: ForecastInput;
  readonly options: ForecastOptions;
}

/** What a dialect reads of a body: the forecasts, and whatever it needs to write the answer. */
export interface ReadInvocation {
  readonly asked: readonly AskedForecast[];
}

export interface Invocation<Read extends ReadInvocation> {
  readonly read: Read;
  readonly endpoint: Endpoint;
  readonly signature: ForecastSignature;
  /** Name of the variant that answered. */
  readonly variant: string;
  /** In the order they were asked for. */
  readonly predictions: readonly NarrowedPrediction[];
}

/** Forecasts of one invocation at once; more than a batch of the engine gains nothing. */
const WIDTH = 16;

/** Forecasts one invocation may ask for; each is stored. */
const MAXIMUM_FORECASTS = 500;

/** What is asked of endpoints, in whatever dialect: nothing is forecast or stored before all of it is found sound. */
@Injectable()
export class InvocationsService {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly forecasts: ForecastsService,
    private readonly admission: ForecastAdmission,
  ) {}

  async forecast(
    name: string,
    input: ForecastInput,
    options: ForecastOptions,
    actor: Actor,
  ): Promise<NarrowedPrediction> {
    const asksForAll = Object.values(options).every((option) => option === undefined);
    if (asksForAll) return this.admission.within(name, () => this.forecasts.forecast(name, input, actor));
    const { predictions } = await this.invoke(name, actor, () => ({ asked: [{ input, options }] }), input);
    return predictions[0]!;
  }

  /** `readBody` makes forecasts of a body, with the model at hand that will answer it; one variant answers all of them. */
  async invoke<Read extends ReadInvocation>(
    name: string,
    actor: Actor,
    readBody: (signature: ForecastSignature, endpoint: Endpoint) => Read | Promise<Read>,
    wish: VariantWish = {},
  ): Promise<Invocation<Read>> {
    const answer = async (model: LoadedModel, endpoint: Endpoint, variant: Variant): Promise<Invocation<Read>> => {
      const { bundle } = model;
      const signature = signatureOf(bundle);
      const read = await readBody(signature, endpoint);
      const { asked } = read;
      assertNumber(asked.length);
      for (const { options } of asked) assertAnswerable(signature, options);
      if (asked.length > 1) for (const { input } of asked) assertFits(input, bundle);
      const predictions: NarrowedPrediction[] = [];
      await inParallel([...asked.entries()], WIDTH, async ([at, { input, options }]) => {
        predictions[at] = narrowPrediction(
          await this.forecasts.forecastBy({ model, endpoint, variant }, input, actor),
          options,
        );
      });
      return { read, endpoint, signature, variant: variant.name, predictions };
    };
    return this.admission.within(name, () => this.endpoints.withModel(name, actor, answer, wish));
  }
}

function assertNumber(forecasts: number): void {
  if (forecasts >= 1 && forecasts <= MAXIMUM_FORECASTS) return;
  throw new TrainyardError(
    'LIMIT_EXCEEDED',
    `The body asks for ${forecasts} forecasts; it may ask for 1 to ${MAXIMUM_FORECASTS}: split it into several`,
    { value: forecasts, limit: MAXIMUM_FORECASTS },
  );
}

/** Throws what the forecast would, before any other has been stored. */
function assertFits({ window, future }: ForecastInput, bundle: ModelBundle): void {
  if (window !== null) withFuture(framesOfWindow(window, bundle), future, bundle);
}
