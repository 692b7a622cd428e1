import { TrainyardError } from '../common/errors/index.js';
import { getFeatureStep } from '../ml/features/feature-steps.js';
import type { ParameterValues } from '../ml/parameters.js';
import type {
  AxisPlan,
  GapPlan,
  PlannedAsset,
  PlannedFeature,
  ProcessingPlan,
  ScalingPlan,
  SplitPlan,
  WindowPlan,
} from '../ml/processing/processing-plan.js';
import { resolveParameters } from '../ml/resolve-parameters.js';
import { getTransform } from '../ml/transforms/transforms.js';
import type { AssetSelection, TemplateParameters } from '../templates/index.js';
import { refuseStepsNotBuilt, templateFeatures, templateSplit, timeOrNull } from './template-plan.js';

/** What the builder has to know of a dataset version. */
export interface BuilderData {
  readonly name: string;
  readonly assets: readonly {
    readonly id: string;
    readonly assetClass: string | null;
    readonly columns: readonly string[];
  }[];
}

/** The limits of the installation that a plan is held to. */
export interface BuilderLimits {
  readonly assets: number;
  readonly columns: number;
  readonly lookBack: number;
  readonly horizon: number;
}

interface AskedFeature {
  readonly step: string;
  readonly parameters: ParameterValues;
  readonly assets: AssetSelection;
}

const DEFAULT_GAPS: GapPlan = { largeShare: 0.1, imputation: 'forward-fill', neighbours: 100 };
const DEFAULT_AXIS: AxisPlan = { join: 'union', start: null, end: null };

/**
 * Builds a `ProcessingPlan` over one dataset version. Each call checks what it is given at once, `build` checks how the
 * parts fit together; a plan that was built names only assets, columns, steps and transforms that exist, with every
 * default filled in. Assets stand in the dataset's order, so that the order of a list does not change the plan; targets
 * keep the order they were asked in, which is the order of the outputs.
 */
export class ProcessingBuilder {
  private targetIds: readonly string[] = [];
  private base: 'all' | readonly string[] = 'all';
  private mainColumn: string | null = null;
  private axisPlan: AxisPlan = DEFAULT_AXIS;
  private gapPlan: GapPlan = DEFAULT_GAPS;
  private readonly asked: AskedFeature[] = [];
  private splitPlan: SplitPlan = { by: 'ratio', validation: 0.15, test: 0.15 };
  private windowPlan: WindowPlan | null = null;
  private scalingPlan: ScalingPlan = { inputs: 'standard', targets: 'standard' };
  private season: number | null = null;

  private constructor(
    private readonly data: BuilderData,
    private readonly limits: BuilderLimits,
  ) {}

  static for(data: BuilderData, limits: BuilderLimits): ProcessingBuilder {
    return new ProcessingBuilder(data, limits);
  }

  /** The plan of a template over a dataset version; refuses what this version cannot do, ignores nothing. */
  static fromTemplate(parameters: TemplateParameters, data: BuilderData, limits: BuilderLimits): ProcessingPlan {
    refuseStepsNotBuilt(parameters);
    const { data: from, gaps, windows, scaling } = parameters;
    const builder = new ProcessingBuilder(data, limits)
      .targets(from.targets)
      .baseAssets(from.baseAssets)
      .column(from.column)
      .join(from.join)
      .range(timeOrNull('data.start', from.start), timeOrNull('data.end', from.end))
      .gaps({ largeShare: gaps.largeShare, imputation: gaps.imputation, neighbours: gaps.neighbours })
      .split(templateSplit(parameters.split))
      .windows({ lookBack: windows.lookBack, horizon: windows.horizon, stride: windows.stride })
      .scaling({ inputs: scaling.inputs, targets: scaling.targets })
      .seasonLength(parameters.evaluation.seasonLength);
    for (const feature of templateFeatures(parameters.features)) {
      builder.feature(feature.step, feature.parameters, feature.assets, feature.path);
    }
    return builder.build();
  }

  /** Assets to forecast, in output order. */
  targets(ids: readonly string[]): this {
    if (ids.length === 0) throw invalid('data.targets', ids, 'needs at least one asset');
    refuseRepeated('data.targets', ids);
    for (const id of ids) this.getAsset(id);
    this.targetIds = ids;
    return this;
  }

  /** Assets whose series are input; the targets always are. */
  baseAssets(selection: 'all' | readonly string[]): this {
    if (selection !== 'all') for (const id of selection) this.getAsset(id);
    this.base = selection;
    return this;
  }

  /** The column of each asset that is forecast and that features are made of; null: its first one. */
  column(name: string | null): this {
    if (name !== null && !this.data.assets.some((asset) => asset.columns.includes(name))) {
      const known = [...new Set(this.data.assets.flatMap((asset) => asset.columns))];
      throw new TrainyardError(
        'COLUMN_UNKNOWN',
        `No asset of ${this.data.name} has a column "${name}"; it has ${known.join(', ')}`,
        { column: name, known },
      );
    }
    this.mainColumn = name;
    return this;
  }

  join(join: AxisPlan['join']): this {
    this.axisPlan = { ...this.axisPlan, join };
    return this;
  }

  /** Leaves out rows before `start` and after `end`; milliseconds UTC, null for no border. */
  range(start: number | null, end: number | null): this {
    if (start !== null && end !== null && end <= start) throw inverted('data.end', end, 'data.start', start);
    this.axisPlan = { ...this.axisPlan, start, end };
    return this;
  }

  gaps(plan: Partial<GapPlan>): this {
    const gaps = { ...this.gapPlan, ...plan };
    inRange('gaps.largeShare', gaps.largeShare, 0, 1);
    wholeInRange('gaps.neighbours', gaps.neighbours, 1, 100_000);
    this.gapPlan = gaps;
    return this;
  }

  /** Adds a feature step; `path` is where its parameters stand in the request. */
  feature(
    step: string,
    parameters: Readonly<Record<string, unknown>> = {},
    assets: AssetSelection = 'all',
    path = `features.${step}`,
  ): this {
    const resolved = resolveParameters(getFeatureStep(step).parameters, parameters, path) as ParameterValues;
    if (typeof assets !== 'string') for (const id of assets) this.getAsset(id);
    this.asked.push({ step, parameters: resolved, assets });
    return this;
  }

  split(plan: SplitPlan): this {
    if (plan.by === 'ratio') checkRatios(plan.validation, plan.test);
    else checkDates(plan.trainEnd, plan.validationEnd, plan.testEnd);
    this.splitPlan = plan;
    return this;
  }

  windows(plan: WindowPlan): this {
    wholeInRange('windows.lookBack', plan.lookBack, 1, this.limits.lookBack, 'TRAINYARD_LIMIT_LOOK_BACK');
    wholeInRange('windows.horizon', plan.horizon, 1, this.limits.horizon, 'TRAINYARD_LIMIT_HORIZON');
    wholeInRange('windows.stride', plan.stride, 1, 100_000);
    this.windowPlan = plan;
    return this;
  }

  scaling(plan: ScalingPlan): this {
    for (const name of [plan.inputs, plan.targets]) getTransform(name);
    this.scalingPlan = plan;
    return this;
  }

  /** Rows of the season the seasonal-naive baseline repeats; null infers it from the data's calendar. */
  seasonLength(rows: number | null): this {
    if (rows !== null) wholeInRange('evaluation.seasonLength', rows, 1, 1_000_000);
    this.season = rows;
    return this;
  }

  build(): ProcessingPlan {
    if (this.targetIds.length === 0) throw invalid('data.targets', [], 'needs at least one asset');
    if (this.windowPlan === null) throw invalid('windows', null, 'needs look-back, horizon and stride');
    const assets = this.plannedAssets();
    const features = this.asked.map((feature) => this.plannedFeature(feature, assets));
    this.checkColumns(assets, features);
    this.checkSplitInRange();
    return {
      format: 1,
      assets,
      targets: this.targetIds,
      axis: this.axisPlan,
      gaps: this.gapPlan,
      features,
      split: this.splitPlan,
      windows: this.windowPlan,
      scaling: this.scalingPlan,
      seasonLength: this.season,
    };
  }

  private getAsset(id: string): BuilderData['assets'][number] {
    const asset = this.data.assets.find((candidate) => candidate.id === id);
    if (asset !== undefined) return asset;
    const known = this.data.assets.map((candidate) => candidate.id);
    throw new TrainyardError(
      'ASSET_UNKNOWN',
      `${this.data.name} has no asset "${id}"; it has ${known.slice(0, 20).join(', ')}${known.length > 20 ? ', …' : ''}`,
      { asset: id, known: known.slice(0, 100) },
    );
  }

  private plannedAssets(): PlannedAsset[] {
    const chosen = this.base === 'all' ? null : new Set([...this.base, ...this.targetIds]);
    const assets = this.data.assets.filter(({ id }) => chosen === null || chosen.has(id));
    if (assets.length > this.limits.assets) {
      throw exceeded('data.baseAssets', assets.length, 'assets', this.limits.assets, 'TRAINYARD_LIMIT_ASSETS');
    }
    return assets.map(({ id, assetClass, columns }) => {
      const column = this.mainColumn ?? columns[0];
      if (column !== undefined && columns.includes(column)) return { id, assetClass, column };
      throw new TrainyardError(
        'COLUMN_UNKNOWN',
        `Asset ${id} has no column "${column ?? ''}"; it has ${columns.join(', ')}: choose another column or leave the asset out of data.baseAssets`,
        { asset: id, column, known: columns },
      );
    });
  }

  private plannedFeature({ step, parameters, assets }: AskedFeature, planned: readonly PlannedAsset[]): PlannedFeature {
    if (getFeatureStep(step).assetIndependent === true) return { step, parameters, assets: [] };
    if (assets === 'all') return { step, parameters, assets: planned.map(({ id }) => id) };
    const wanted = new Set(assets === 'targets' ? this.targetIds : assets);
    for (const id of wanted) {
      if (!planned.some((asset) => asset.id === id)) {
        throw new TrainyardError(
          'ASSET_UNKNOWN',
          `Feature step ${step} is asked for asset ${id}, which is not among the base assets: add it to data.baseAssets`,
          { asset: id, step },
        );
      }
    }
    return { step, parameters, assets: planned.filter(({ id }) => wanted.has(id)).map(({ id }) => id) };
  }

  /** Column names identify inputs in models and at inference: two of the same name would be mistaken for each other. */
  private checkColumns(assets: readonly PlannedAsset[], features: readonly PlannedFeature[]): void {
    const names = new Set(assets.map(({ id }) => id));
    for (const { step, parameters, assets: ids } of features) {
      const columns = getFeatureStep(step).columnNames(parameters);
      for (const name of ids.length === 0 ? columns : ids.flatMap((id) => columns.map((column) => `${id}_${column}`))) {
        if (names.has(name)) throw invalid(`features.${step}`, name, 'makes a column that exists already');
        names.add(name);
      }
    }
    if (names.size > this.limits.columns) {
      throw exceeded('features', names.size, 'input columns', this.limits.columns, 'TRAINYARD_LIMIT_COLUMNS');
    }
  }

  private checkSplitInRange(): void {
    const { start, end } = this.axisPlan;
    if (this.splitPlan.by !== 'date') return;
    const { trainEnd, validationEnd } = this.splitPlan;
    if (start !== null && trainEnd <= start) throw inverted('split.trainEnd', trainEnd, 'data.start', start);
    if (end !== null && end < validationEnd) throw inverted('data.end', end, 'split.validationEnd', validationEnd);
  }
}

function checkRatios(validation: number, test: number): void {
  inRange('split.validation', validation, 0.01, 0.98);
  inRange('split.test', test, 0.01, 0.98);
  if (validation + test >= 1) {
    throw invalid('split.validation + split.test', validation + test, 'must leave rows to the train part: less than 1');
  }
}

/** train < validation < test, strictly: a part that begins before the one before it ends sees its answers. */
function checkDates(trainEnd: number, validationEnd: number, testEnd: number | null): void {
  if (trainEnd < validationEnd && (testEnd === null || validationEnd < testEnd)) return;
  throw new TrainyardError(
    'TEST_INSIDE_TRAIN',
    `The parts must follow each other: split.trainEnd=${iso(trainEnd)} < split.validationEnd=${iso(validationEnd)}${
      testEnd === null ? '' : ` < split.testEnd=${iso(testEnd)}`
    }`,
    { trainEnd: iso(trainEnd), validationEnd: iso(validationEnd), testEnd: testEnd === null ? null : iso(testEnd) },
  );
}

function refuseRepeated(path: string, ids: readonly string[]): void {
  const repeated = ids.find((id, at) => ids.indexOf(id) !== at);
  if (repeated !== undefined) throw invalid(path, repeated, 'names an asset twice');
}

function inRange(path: string, value: number, minimum: number, maximum: number): void {
  if (value >= minimum && value <= maximum) return;
  throw invalid(path, value, `must be from ${minimum} to ${maximum}`, { minimum, maximum });
}

function wholeInRange(path: string, value: number, minimum: number, maximum: number, variable?: string): void {
  if (!Number.isInteger(value) || value < minimum) {
    throw invalid(path, value, `must be a whole number from ${minimum} to ${maximum}`, { minimum, maximum });
  }
  if (value <= maximum) return;
  if (variable !== undefined) throw exceeded(path, value, 'rows', maximum, variable);
  throw invalid(path, value, `must be a whole number from ${minimum} to ${maximum}`, { minimum, maximum });
}

function invalid(path: string, value: unknown, rule: string, limits: Record<string, number> = {}): TrainyardError {
  return new TrainyardError('PARAMETER_INVALID', `${path}=${JSON.stringify(value)} ${rule}`, {
    path,
    value,
    ...limits,
  });
}

function exceeded(path: string, value: number, unit: string, limit: number, variable: string): TrainyardError {
  return new TrainyardError(
    'LIMIT_EXCEEDED',
    `${path} asks for ${value} ${unit}, the limit is ${limit}: ask for fewer, or raise ${variable}`,
    { path, value, limit, variable },
  );
}

function inverted(endPath: string, end: number, startPath: string, start: number): TrainyardError {
  return new TrainyardError('RANGE_INVERTED', `${endPath}=${iso(end)} must be later than ${startPath}=${iso(start)}`, {
    end: iso(end),
    start: iso(start),
  });
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
