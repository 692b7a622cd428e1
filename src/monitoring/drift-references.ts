import { Injectable } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/index.js';
import { DatasetsService } from '../datasets/index.js';
import type { AssetFrame } from '../ml/frame/time-frame.js';
import { changesOf, referenceDistribution, type InputReference } from '../ml/drift/reference-distribution.js';
import { splitRows } from '../ml/processing/split-rows.js';
import type { FittedProcessing, PlannedAsset } from '../ml/processing/processing-plan.js';
import type { ModelVersion } from '../registry/index.js';
import { ModelFacts } from './model-facts.js';

const NAME = 'drift-reference.json';

interface StoredReferences {
  readonly format: 1;
  readonly inputs: readonly InputReference[];
}

/**
 * How each input of a model version was distributed in what it was trained on. Made at first need from the train part of
 * its dataset version, which is immutable, and kept as an artifact of its execution.
 */
@Injectable()
export class DriftReferences {
  constructor(
    private readonly artifacts: ArtifactStore,
    private readonly datasets: DatasetsService,
    private readonly facts: ModelFacts,
  ) {}

  async of(version: ModelVersion): Promise<readonly InputReference[]> {
    if ((await this.artifacts.find(version.artifactOwner, NAME)) !== null) {
      const { content } = await this.artifacts.read(version.artifactOwner, NAME);
      return (JSON.parse(new TextDecoder().decode(content)) as StoredReferences).inputs;
    }
    const fitted = await this.facts.processing(version);
    const inputs: InputReference[] = [];
    // One after the other: a dataset may have a thousand assets of millions of rows.
    for (const asset of fitted.plan.assets) {
      const [frame] = await this.datasets.loadFrames(version.datasetId, version.datasetVersion, [asset.id]);
      inputs.push(referenceOf(fitted, asset, frame!));
    }
    const text = JSON.stringify({ format: 1, inputs } satisfies StoredReferences);
    await this.artifacts.write(version.artifactOwner, NAME, new TextEncoder().encode(text), 'application/json');
    return inputs;
  }
}

/** Of the raw rows, as predictions keep their windows: nothing imputed, nothing scaled. */
function referenceOf(fitted: FittedProcessing, asset: PlannedAsset, { frame }: AssetFrame): InputReference {
  const { plan, learned } = fitted;
  const { times } = frame;
  const start = plan.axis.start ?? -Infinity;
  const end = learned?.trainEnd ?? times[splitRows(plan.split, times).train.end - 1] ?? -Infinity;
  const values = frame.columns[frame.names.indexOf(asset.column)]!.filter(
    (_, row) => times[row]! >= start && times[row]! <= end,
  );
  return {
    asset: asset.id,
    values: referenceDistribution(values),
    changes: referenceDistribution(changesOf(values)),
  };
}
