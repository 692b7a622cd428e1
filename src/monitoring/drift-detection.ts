import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { DatasetsService } from '../datasets/index.js';
import { EndpointsService, PredictionHistory, type Prediction } from '../inference/index.js';
import { errorDrift } from '../ml/drift/error-drift.js';
import { distributionDrift } from '../ml/drift/input-drift.js';
import type { InputReference } from '../ml/drift/reference-distribution.js';
import { RegistryService, type ModelVersion } from '../registry/index.js';
import { ActualRepository } from './actual.repository.js';
import { ActualsJoiner } from './actuals-joiner.js';
import { DriftReferences } from './drift-references.js';
import { forecastRanges } from './forecast-outcomes.js';
import { KnownActuals } from './known-actuals.js';
import { ModelFacts } from './model-facts.js';
import type {
  DriftFindings,
  DriftStatus,
  ErrorFinding,
  InputFinding,
  InputSource,
  MonitorSettings,
} from './monitor.js';
import { recentErrors, referenceError } from './recent-errors.js';
import { inputsOfPredictions, inputsOfRows, type RecentInput } from './recent-inputs.js';

const HOUR_MS = 3_600_000;
/** What one run reads. */
const MOST_PREDICTIONS = 1_000;
const MOST_ROWS = 10_000;
const MOST_FINDINGS = 50;

/** Holds what an endpoint was given lately, and how it erred, against what its model version was trained and tested on. */
@Injectable()
export class DriftDetection {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly registry: RegistryService,
    private readonly datasets: DatasetsService,
    private readonly history: PredictionHistory,
    private readonly actuals: ActualRepository,
    private readonly joiner: ActualsJoiner,
    private readonly references: DriftReferences,
    private readonly facts: ModelFacts,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async look(name: string, settings: MonitorSettings): Promise<DriftFindings> {
    const endpoint = await this.endpoints.get(name);
    const version = await this.registry.getVersion(endpoint.model, endpoint.modelVersion);
    await this.joiner.join(endpoint);
    const fromMs = this.clock.now() - settings.windowHours * HOUR_MS;
    const newest: readonly Prediction[] = await this.history.newest(name, fromMs, MOST_PREDICTIONS);
    const predictions = newest.filter(
      ({ model, modelVersion, shadowOf }) =>
        model === version.model && modelVersion === version.version && shadowOf === undefined,
    );
    const dataset = await this.datasets.getNewest(version.datasetId);
    return {
      model: version.model,
      modelVersion: version.version,
      datasetVersion: dataset.version,
      predictions: predictions.length,
      inputs: await this.inputs(version, dataset.version, predictions, settings),
      error: await this.errors(name, version, predictions, settings),
    };
  }

  private async inputs(
    version: ModelVersion,
    newest: number,
    predictions: readonly Prediction[],
    settings: MonitorSettings,
  ): Promise<DriftFindings['inputs']> {
    const references = await this.references.of(version);
    const recent = [
      ...[...inputsOfPredictions(predictions)].map(([asset, input]) => ({
        asset,
        input,
        source: 'predictions' as const,
      })),
      ...(await this.appended(version, newest)),
    ];
    const compared = comparisons(references, recent);
    const level = { ...settings, significance: settings.significance / Math.max(1, compared.length) };
    const findings = compared.map(({ reference, values, ...of }): InputFinding => ({
      ...of,
      ...distributionDrift(reference, values, level),
    }));
    return summary(findings, (one, other) => other.psi - one.psi);
  }

  /** Rows that came after the model's own dataset version. */
  private async appended(
    version: ModelVersion,
    newest: number,
  ): Promise<{ readonly asset: string; readonly input: RecentInput; readonly source: InputSource }[]> {
    const { datasetId, datasetVersion } = version;
    if (newest === datasetVersion) return [];
    const { assets } = await this.datasets.getVersion(datasetId, datasetVersion);
    const ends = new Map(assets.map(({ id, end }) => [id, end]));
    const { plan } = await this.facts.processing(version);
    const found = [];
    for (const asset of plan.assets) {
      const [frame] = await this.datasets.loadFrames(datasetId, newest, [asset.id]);
      const input = inputsOfRows(frame!, asset, ends.get(asset.id) ?? -Infinity, MOST_ROWS);
      found.push({ asset: asset.id, input, source: 'dataset' as const });
    }
    return found;
  }

  private async errors(
    name: string,
    version: ModelVersion,
    predictions: readonly Prediction[],
    settings: MonitorSettings,
  ): Promise<DriftFindings['error']> {
    const report = await this.facts.report(version);
    if (report === null) return { status: 'unknown', compared: 0, findings: [] };
    const known = new KnownActuals(name, this.actuals);
    for (const [asset, { from, to }] of forecastRanges(predictions)) await known.read(asset, from, to);
    const recent = recentErrors(predictions, (asset, time) => known.find(asset, time));
    const level = { ...settings, significance: settings.significance / Math.max(1, recent.size) };
    const findings = [...recent].flatMap(([asset, { errors, independent }]): ErrorFinding[] => {
      const reference = referenceError(report, asset);
      if (reference === null) return [];
      const { measure } = reference;
      const drift = errorDrift(errors, independent, reference, level);
      return drift === null ? [] : [{ asset, measure, ...drift }];
    });
    return summary(findings, (one, other) => (other.ratio ?? Infinity) - (one.ratio ?? Infinity));
  }
}

function comparisons(
  references: readonly InputReference[],
  recent: readonly { readonly asset: string; readonly input: RecentInput; readonly source: InputSource }[],
) {
  return recent.flatMap(({ asset, input, source }) => {
    const ofAsset = references.find((one) => one.asset === asset);
    return (['values', 'changes'] as const).flatMap((of) => {
      const reference = ofAsset?.[of] ?? null;
      const values = input[of];
      const isObserved = values.some((value) => !Number.isNaN(value));
      return reference === null || !isObserved ? [] : [{ asset, of, source, reference, values }];
    });
  });
}

/** Drift where one comparison found it, unknown where none could tell. */
function summary<Finding extends { readonly isDrift: boolean | null }>(
  findings: readonly Finding[],
  worstFirst: (one: Finding, other: Finding) => number,
): { readonly status: DriftStatus; readonly compared: number; readonly findings: readonly Finding[] } {
  const told = findings.filter(({ isDrift }) => isDrift !== null);
  const isDrift = told.some((finding) => finding.isDrift === true);
  return {
    status: told.length === 0 ? 'unknown' : isDrift ? 'drifted' : 'ok',
    compared: told.length,
    findings: [...findings]
      .sort((one, other) => Number(other.isDrift === true) - Number(one.isDrift === true) || worstFirst(one, other))
      .slice(0, MOST_FINDINGS),
  };
}
