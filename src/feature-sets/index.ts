export { FeatureBlockStore } from './feature-block-store.js';
export { FeatureSetsModule } from './feature-sets.module.js';
export { FeatureSetsService, type MadeBlock, type StagedFeatureSet } from './feature-sets.service.js';
