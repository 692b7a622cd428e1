export type { Endpoint } from './endpoint.js';
export { EndpointRetirement } from './endpoint-retirement.js';
export { EndpointsService } from './endpoints.service.js';
export { InferenceModule } from './inference.module.js';
export type { Prediction } from './prediction.js';
export { PredictionHistory, type HistoryPage, type Period } from './prediction-history.js';
export { readTimes } from './forecast-input.js';
export { IsSeriesMap } from './dto/is-series-map.js';
