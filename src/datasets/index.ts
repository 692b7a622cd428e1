export { DatasetsModule } from './datasets.module.js';
export { DatasetsService } from './datasets.service.js';
export type { DatasetVersion } from './dataset.js';
