import type { MetricsSummary, PartSummary } from '../executions/index.js';
import type { ModelVersion } from './model.js';

/** A value of each version, in their order; null where a version has none. */
export interface ComparedField {
  readonly path: string;
  readonly values: readonly unknown[];
}

export interface ComparedMetric {
  readonly path: string;
  readonly values: readonly (number | null)[];
  /** Positions of the smallest values, or of the largest where more is better; empty where they cannot be compared. */
  readonly best: readonly number[];
}

/** Versions of one model side by side. */
export interface ModelComparison {
  readonly versions: readonly ModelVersion[];
  readonly metrics: readonly ComparedMetric[];
  /** Whether the test errors are of the same windows of the same data; `best` is empty for them otherwise. */
  readonly isSameTest: boolean;
  /** Parameters that differ. */
  readonly parameters: readonly ComparedField[];
  /** Dataset, features and shape that differ. */
  readonly data: readonly ComparedField[];
  /** Pictures by name, each the path of every version's own; null where it has none. */
  readonly pictures: readonly ComparedField[];
}

const DATA_FIELDS = [
  'algorithm',
  'datasetId',
  'datasetVersion',
  'datasetContentHash',
  'featureSet',
  'templateId',
  'templateVersion',
  'targets',
  'lookBack',
  'horizon',
] as const satisfies readonly (keyof ModelVersion)[];

/** Scores of such a version prove less: it may have learned from the rows that score it. */
const TRAINED_ELSEWHERE = 'trainedElsewhere';

/** `parameters`: those of each version's execution, flat, in the order of `versions`; null where it is gone. */
export function compareVersions(
  versions: readonly ModelVersion[],
  parameters: readonly (ReadonlyMap<string, unknown> | null)[],
): ModelComparison {
  const isSameTest = versions.every((version) => testKey(version) === testKey(versions[0]!));
  return {
    versions,
    metrics: compareMetrics(
      versions.map(({ metrics }) => metrics),
      isSameTest,
    ),
    isSameTest,
    parameters: differing(
      [...new Set(parameters.flatMap((fields) => [...(fields?.keys() ?? [])]))].sort(),
      parameters.map((fields) => (path) => fields?.get(path) ?? null),
    ),
    data: differing(
      [...DATA_FIELDS, TRAINED_ELSEWHERE],
      versions.map(
        (version) => (path) =>
          path === TRAINED_ELSEWHERE
            ? version.metrics.trainedElsewhere === true
            : (version[path as (typeof DATA_FIELDS)[number]] ?? null),
      ),
    ),
    pictures: [...new Set(versions.flatMap(({ artifacts }) => artifacts.filter((name) => name.endsWith('.png'))))]
      .sort()
      .map((name) => ({
        path: name,
        values: versions.map(({ artifacts, executionId }) =>
          artifacts.includes(name) ? `/executions/${executionId}/artifacts/${name}` : null,
        ),
      })),
  };
}

function testKey({ datasetContentHash, targets, horizon, metrics }: ModelVersion): string {
  return JSON.stringify([
    datasetContentHash,
    targets,
    horizon,
    metrics.test?.windows ?? null,
    metrics.test?.direction !== undefined,
  ]);
}

function differing(paths: readonly string[], readers: readonly ((path: string) => unknown)[]): ComparedField[] {
  return paths
    .map((path) => ({ path, values: readers.map((read) => read(path)) }))
    .filter(({ values }) => new Set(values.map((value) => JSON.stringify(value))).size > 1);
}

function compareMetrics(metrics: readonly MetricsSummary[], isSameTest: boolean): ComparedMetric[] {
  const rows: ComparedMetric[] = [];
  for (const part of ['validation', 'test'] as const) {
    const parts = metrics.map((summary) => summary[part]);
    const add = (name: string, of: (part: PartSummary) => number | null, isMoreBetter: boolean): void => {
      const values = parts.map((summary) => (summary === null ? null : of(summary)));
      if (values.every((value) => value === null)) return;
      rows.push({ path: `${part}.${name}`, values, best: isSameTest ? bestOf(values, isMoreBetter) : [] });
    };
    for (const scale of ['original', 'scaled'] as const) {
      for (const score of ['mae', 'mse'] as const)
        add(`${scale}.${score}`, (summary) => summary[scale]?.[score] ?? null, false);
    }
    for (const baseline of ['naive', 'seasonalNaive'] as const) {
      add(`skill.${baseline}.mae`, (summary) => summary.skill?.[baseline].mae ?? null, true);
    }
    add('direction.logLoss', ({ direction }) => direction?.logLoss ?? null, false);
    for (const score of ['accuracy', 'macroF1', 'macroAuc', 'skill'] as const) {
      add(`direction.${score}`, ({ direction }) => direction?.[score] ?? null, true);
    }
  }
  return rows;
}

function bestOf(values: readonly (number | null)[], isMoreBetter: boolean): number[] {
  const known = values.filter((value) => value !== null);
  const best = isMoreBetter ? Math.max(...known) : Math.min(...known);
  return values.flatMap((value, at) => (value === best ? [at] : []));
}
