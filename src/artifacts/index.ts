export { ArtifactStore, type Artifact, type ArtifactContent } from './artifact.js';
export { ARTIFACT_TABLES } from './artifact.entity.js';
export { ChunkedArtifactStore } from './chunked-artifact-store.js';
export { ArtifactsModule } from './artifacts.module.js';
