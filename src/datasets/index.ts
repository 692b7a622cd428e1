export { DatasetsModule } from './datasets.module.js';
export { DatasetsService, type DatasetUsageCheck } from './datasets.service.js';
export type { DatasetAsset, DatasetVersion } from './dataset.js';
