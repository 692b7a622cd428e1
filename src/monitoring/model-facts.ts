import { Injectable } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/index.js';
import { isTrainyardError } from '../common/errors/index.js';
import type { ModelReport } from '../ml/evaluation/direction-report.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import type { ModelVersion } from '../registry/index.js';

const PROCESSING = 'processing.json';
const REPORT = 'report.json';
const KEPT = 100;

/** What monitoring reads of a model version besides its registration; immutable, so the last ones are kept. */
@Injectable()
export class ModelFacts {
  private readonly kept = new Map<string, Promise<unknown>>();

  constructor(private readonly artifacts: ArtifactStore) {}

  async processing(version: ModelVersion): Promise<FittedProcessing> {
    return (await this.read(version, PROCESSING)) as FittedProcessing;
  }

  /** Null for a version without one. */
  async report(version: ModelVersion): Promise<ModelReport | null> {
    if (!version.artifacts.includes(REPORT)) return null;
    return (await this.read(version, REPORT)) as ModelReport;
  }

  private read({ artifactOwner }: ModelVersion, name: string): Promise<unknown> {
    const key = `${artifactOwner}/${name}`;
    const known = this.kept.get(key);
    if (known !== undefined) return known;
    const reading = this.artifacts
      .read(artifactOwner, name)
      .then(({ content }): unknown => JSON.parse(new TextDecoder().decode(content)));
    this.kept.set(key, reading);
    reading.catch((error: unknown) => {
      if (!isTrainyardError(error, 'ARTIFACT_NOT_FOUND')) this.kept.delete(key);
    });
    const oldest = this.kept.keys().next();
    if (this.kept.size > KEPT && oldest.done !== true) this.kept.delete(oldest.value);
    return reading;
  }
}
