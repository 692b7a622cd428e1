export type { ModelFileOrigin } from './model-file.js';
export { ModelFilesModule } from './model-files.module.js';
export { ModelFilesService } from './model-files.service.js';
