export { ModelAliases } from './model-aliases.js';
export type { ModelRegistration, ModelVersion } from './model.js';
export { RegistryModule } from './registry.module.js';
export { RegistryService, type ModelBundle } from './registry.service.js';
