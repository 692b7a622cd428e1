import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError } from '../common/errors/index.js';
import type { Actor } from '../common/http/index.js';
import { newId } from '../common/ids.js';
import type { Page, PageRequest } from '../common/page.js';
import type { TableBlocks } from '../common/tables/index.js';
import { DatasetsService } from '../datasets/index.js';
import { EndpointsService } from './endpoints.service.js';
import { framesOfWindow, windowOfFrames, type ExplicitWindow } from './forecast-input.js';
import type { ForecastFromFrames, LoadedModel } from './loaded-model.js';
import type { Prediction, PredictionWindow } from './prediction.js';
import { predictionBlocks } from './prediction-table.js';
import { PredictionRepository } from './prediction.repository.js';

interface Answer extends ForecastFromFrames {
  readonly window: PredictionWindow;
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
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** `window` null: the newest rows of the model's dataset. */
  async forecast(name: string, window: ExplicitWindow | null, actor: Actor): Promise<Prediction> {
    const begin = this.clock.now();
    return this.endpoints.withModel(name, actor, async (model, endpoint) => {
      const answer = window === null ? await this.afterLatest(model) : await this.afterWindow(model, window);
      const prediction: Prediction = {
        predictionId: newId('prd'),
        endpoint: name,
        model: endpoint.model,
        modelVersion: endpoint.modelVersion,
        createdAt: isoTime(this.clock),
        requestedBy: actor.name,
        origin: new Date(answer.origin).toISOString(),
        window: answer.window,
        forecasts: answer.forecasts,
        latencyMs: this.clock.now() - begin,
      };
      await this.predictions.create(prediction);
      return prediction;
    });
  }

  async list(name: string, page: PageRequest): Promise<Page<Prediction>> {
    await this.endpoints.get(name);
    return this.predictions.list(name, page);
  }

  /** One row a forecast step, newest prediction first. */
  async exportTable(name: string, assets: readonly string[] | null): Promise<TableBlocks> {
    await this.endpoints.get(name);
    return predictionBlocks((page) => this.predictions.list(name, page), assets);
  }

  async get(name: string, predictionId: string): Promise<Prediction> {
    const prediction = await this.predictions.find(name, predictionId);
    if (prediction) return prediction;
    throw new TrainyardError('PREDICTION_NOT_FOUND', `Endpoint "${name}" has no prediction "${predictionId}"`, {
      endpoint: name,
      predictionId,
    });
  }

  private async afterWindow(model: LoadedModel, window: ExplicitWindow): Promise<Answer> {
    const frames = framesOfWindow(window, model.bundle);
    return { ...(await model.forecast(frames)), window: windowOfFrames(frames, model.bundle, null) };
  }

  private async afterLatest(model: LoadedModel): Promise<Answer> {
    const { datasetId } = model.bundle.version;
    const { version } = await this.datasets.getVersion(datasetId, null);
    const known = this.latest.get(model);
    if (known !== undefined && known.datasetVersion === version) return known.answer;
    const answer = this.afterDatasetVersion(model, datasetId, version);
    this.latest.set(model, { datasetVersion: version, answer });
    answer.catch(() => this.latest.delete(model));
    return answer;
  }

  private async afterDatasetVersion(model: LoadedModel, datasetId: string, version: number): Promise<Answer> {
    const assets = model.bundle.fitted.plan.assets.map(({ id }) => id);
    const frames = await this.datasets.loadFrames(datasetId, version, assets);
    return { ...(await model.forecast(frames)), window: windowOfFrames(frames, model.bundle, version) };
  }
}
