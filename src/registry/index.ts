export { ModelAliases } from './model-aliases.js';
export { ALIAS_NAME, type ModelRegistration, type ModelVersion } from './model.js';
export { RegistryModule } from './registry.module.js';
export { RegistryService, type ModelBundle } from './registry.service.js';
