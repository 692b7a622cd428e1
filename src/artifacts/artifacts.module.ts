import { Module } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { DATABASE, DatabaseModule, type Database } from '../database/index.js';
import { ArtifactStore } from './artifact.js';
import { ARTIFACT_TABLES } from './artifact.entity.js';
import { ArtifactSweeper } from './artifact-sweeper.js';
import { ChunkedArtifactStore } from './chunked-artifact-store.js';

/** Bytes of executions and models: inject `ArtifactStore`. */
@Module({
  imports: [DatabaseModule.forFeature(ARTIFACT_TABLES)],
  providers: [
    {
      provide: ArtifactStore,
      inject: [DATABASE, CLOCK],
      useFactory: (database: Database, clock: Clock) => new ChunkedArtifactStore(database, clock),
    },
    ArtifactSweeper,
  ],
  exports: [ArtifactStore],
})
export class ArtifactsModule {}
