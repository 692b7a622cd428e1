export type { ModelRegistration } from './model.js';
export { RegistryModule } from './registry.module.js';
export { RegistryService, type ModelBundle } from './registry.service.js';
