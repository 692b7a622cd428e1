import type { TableDefinition } from '../database/index.js';
import type { PredictionWindow, StoredForecast } from './prediction.js';

export interface PredictionItem {
  readonly endpoint: string;
  /** Sorts by time. */
  readonly predictionId: string;
  readonly model: string;
  readonly modelVersion: number;
  /** Absent for shadows, and in predictions from before there were variants. */
  readonly variant?: string;
  readonly shadowOf?: string;
  readonly createdAt: string;
  readonly requestedBy: string;
  readonly inferenceId?: string;
  readonly origin: string;
  readonly latencyMs: number;
  /** Absent where they are too large for an item: then they are an artifact of the prediction. */
  readonly window?: PredictionWindow;
  readonly forecasts?: readonly StoredForecast[];
}

export const PREDICTION_TABLE: TableDefinition<PredictionItem> = {
  name: 'model-prediction',
  partitionKey: 'endpoint',
  sortKey: 'predictionId',
  attributes: {
    endpoint: 'string',
    predictionId: 'string',
    model: 'string',
    modelVersion: 'number',
    variant: 'string',
    shadowOf: 'string',
    createdAt: 'string',
    requestedBy: 'string',
    inferenceId: 'string',
    origin: 'string',
    latencyMs: 'number',
    window: 'json',
    forecasts: 'json',
  },
};
