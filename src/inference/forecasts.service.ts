import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError } from '../common/errors/index.js';
import type { Actor } from '../common/http/index.js';
import { newId } from '../common/ids.js';
import type { Page, PageRequest } from '../common/page.js';
import type { TableBlocks } from '../common/tables/index.js';
import { DatasetsService } from '../datasets/index.js';
import type { AssetFrame } from '../ml/frame/time-frame.js';
import type { Endpoint, Variant } from './endpoint.js';
import { EndpointsService } from './endpoints.service.js';
import { framesOfWindow, windowOfFrames, type ExplicitWindow, type ForecastInput } from './forecast-input.js';
import { isoTextOf } from './iso-times.js';
import { framesUpTo, rowsOfFrame, withFuture } from './known-future-rows.js';
import type { ForecastFromFrames, LoadedModel } from './loaded-model.js';
import type { Prediction, PredictionWindow } from './prediction.js';
import { predictionBlocks } from './prediction-table.js';
import { PredictionWriter } from './prediction-writer.js';
import { PredictionRepository } from './prediction.repository.js';
import { ShadowForecasts } from './shadow-forecasts.js';
import { RANDOM_SOURCE, type RandomSource } from './variant-choice.js';

interface Answer extends Omit<ForecastFromFrames, 'known'> {
  readonly window: PredictionWindow;
}

/** What answers a request. */
export interface AnsweringVariant {
  readonly model: LoadedModel;
  readonly endpoint: Endpoint;
  readonly variant: Variant;
}

/** Forecasts by endpoints, each stored before it is answered. */
@Injectable()
export class ForecastsService {
  /**
   * A model and a dataset version are immutable, and so is what the one says after the other: the features of a long
   * history are computed once. Goes with the model when it is unloaded.
   */
  private readonly latest = new WeakMap<
    LoadedModel,
    { readonly datasetVersion: number; readonly answer: Promise<Answer> }
  >();

  constructor(
    private readonly endpoints: EndpointsService,
    private readonly datasets: DatasetsService,
    private readonly predictions: PredictionRepository,
    private readonly writer: PredictionWriter,
    private readonly shadows: ShadowForecasts,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM_SOURCE) private readonly random: RandomSource,
  ) {}

  async forecast(name: string, input: ForecastInput, actor: Actor): Promise<Prediction> {
    const begin = this.clock.now();
    return this.endpoints.withModel(
      name,
      actor,
      (model, endpoint, variant) => this.forecastBy({ model, endpoint, variant }, input, actor, begin),
      input,
    );
  }

  /** By the variant that the caller holds, see `EndpointsService.withModel`. The shadow follows on its own. */
  async forecastBy(
    { model, endpoint, variant }: AnsweringVariant,
    input: ForecastInput,
    actor: Actor,
    begin = this.clock.now(),
  ): Promise<Prediction> {
    this.writer.assertRoom();
    const isStored = endpoint.storedShare === 1 || this.random() < endpoint.storedShare;
    const predict = async (by: LoadedModel, marks: Pick<Prediction, 'variant' | 'shadowOf'>, since: number) => {
      const { window, future, inferenceId } = input;
      const answer = window === null ? await this.afterLatest(by, future) : await this.afterWindow(by, window, future);
      const prediction: Prediction = {
        predictionId: newId('prd'),
        endpoint: endpoint.name,
        model: by.bundle.version.model,
        modelVersion: by.bundle.version.version,
        ...marks,
        createdAt: isoTime(this.clock),
        requestedBy: actor.name,
        ...(inferenceId === undefined ? {} : { inferenceId }),
        origin: isoTextOf(answer.origin),
        window: answer.window,
        forecasts: answer.forecasts,
        latencyMs: this.clock.now() - since,
      };
      if (!isStored) return { ...prediction, stored: false as const };
      await this.writer.write(prediction);
      return prediction;
    };
    const answered = await predict(model, { variant: variant.name }, begin);
    // What is not kept has nothing to be compared with.
    if (!isStored) return answered;
    this.shadows.follow(endpoint, async (shadow) => {
      this.writer.assertRoom();
      await predict(shadow, { variant: null, shadowOf: answered.predictionId }, this.clock.now());
    });
    return answered;
  }

  async list(name: string, page: PageRequest): Promise<Page<Prediction>> {
    await this.endpoints.get(name);
    await this.writer.flush();
    return this.predictions.list(name, page);
  }

  /** One row a forecast step, newest prediction first. */
  async exportTable(name: string, assets: readonly string[] | null): Promise<TableBlocks> {
    await this.endpoints.get(name);
    await this.writer.flush();
    return predictionBlocks((page) => this.predictions.list(name, page), assets);
  }

  async get(name: string, predictionId: string): Promise<Prediction> {
    await this.writer.flush();
    const prediction = await this.predictions.find(name, predictionId);
    if (prediction) return prediction;
    throw new TrainyardError('PREDICTION_NOT_FOUND', `Endpoint "${name}" has no prediction "${predictionId}"`, {
      endpoint: name,
      predictionId,
    });
  }

  private async afterWindow(
    model: LoadedModel,
    window: ExplicitWindow,
    future: ExplicitWindow | null,
  ): Promise<Answer> {
    return this.afterFrames(model, withFuture(framesOfWindow(window, model.bundle), future, model.bundle), null);
  }

  private async afterLatest(model: LoadedModel, future: ExplicitWindow | null): Promise<Answer> {
    const { datasetId } = model.bundle.version;
    const { version } = await this.datasets.getVersion(datasetId, null);
    if (future !== null) return this.afterDatasetVersion(model, datasetId, version, future);
    const known = this.latest.get(model);
    if (known !== undefined && known.datasetVersion === version) return known.answer;
    const answer = this.afterDatasetVersion(model, datasetId, version, null);
    this.latest.set(model, { datasetVersion: version, answer });
    answer.catch(() => this.latest.delete(model));
    return answer;
  }

  private async afterDatasetVersion(
    model: LoadedModel,
    datasetId: string,
    version: number,
    future: ExplicitWindow | null,
  ): Promise<Answer> {
    const assets = model.bundle.fitted.plan.assets.map(({ id }) => id);
    const frames = await this.datasets.loadFrames(datasetId, version, assets);
    return this.afterFrames(model, withFuture(frames, future, model.bundle), version);
  }

  private async afterFrames(
    model: LoadedModel,
    frames: readonly AssetFrame[],
    datasetVersion: number | null,
  ): Promise<Answer> {
    const { known, ...forecast } = await model.forecast(frames);
    const window = windowOfFrames(framesUpTo(frames, forecast.origin, model.bundle), model.bundle, datasetVersion);
    if (known === undefined || known.names.length === 0) return { ...forecast, window };
    return { ...forecast, window: { ...window, future: rowsOfFrame(known) } };
  }
}
