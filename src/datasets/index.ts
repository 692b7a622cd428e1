export { DatasetsModule } from './datasets.module.js';
export { DatasetsService } from './datasets.service.js';
export { receiveUpload, type Upload, type UploadRules } from './upload/upload.js';
export type { DatasetVersion } from './dataset.js';
