import { TrainyardError } from '../common/errors/index.js';
import type { Task } from '../ml/algorithms/algorithms.js';
import { getFeatureStep } from '../ml/features/feature-steps.js';
import type { Aggregation } from '../ml/frame/resample.js';
import type { ParameterValues } from '../ml/parameters.js';
import type {
  AxisPlan,
  GapPlan,
  KnownFuturePlan,
  ProcessingPlan,
  ScalingPlan,
  SplitPlan,
  WindowPlan,
} from '../ml/processing/processing-plan.js';
import { resolveParameters } from '../ml/resolve-parameters.js';
import { resolveChain, type GivenTransform } from '../ml/transforms/resolve-chain.js';
import type { AssetSelection, TemplateParameters } from '../templates/index.js';
import { planClassFeatures } from './class-features.js';
import { isClassSelection, type ClassSelection } from './class-selection.js';
import { getAsset, planAssets, planFeature, type AskedFeature, type BuilderData } from './planned-assets.js';
import {
  checkBorders,
  checkSplitInRange,
  inRange,
  invalid,
  inverted,
  refuseRepeated,
  wholeInRange,
} from './plan-checks.js';
import { checkColumns, planAutoencoder, planKnownFuture, type AskedAutoencoder } from './planned-columns.js';
import {
  directionPlan,
  templateFeatures,
  templateSplit,
  templateStep,
  templateTask,
  templateWindows,
  timeOrNull,
} from './template-plan.js';

/** The limits of the installation that a plan is held to. */
export interface BuilderLimits {
  readonly assets: number;
  readonly columns: number;
  readonly lookBack: number;
  readonly horizon: number;
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
  private askedAutoencoder: AskedAutoencoder | null = null;
  private splitPlan: SplitPlan = { by: 'ratio', validation: 0.15, test: 0.15 };
  private windowPlan: WindowPlan | null = null;
  private scalingPlan: ScalingPlan = { inputs: 'standard', targets: 'standard' };
  private known: KnownFuturePlan = { assets: [], calendar: false };
  private tellsClasses = false;
  private season: number | null = null;
  private asksDirection = false;
  private direction: number | null = null;

  private constructor(
    private readonly data: BuilderData,
    private readonly limits: BuilderLimits,
  ) {}

  static for(data: BuilderData, limits: BuilderLimits): ProcessingBuilder {
    return new ProcessingBuilder(data, limits);
  }

  /** The plan of a template over a dataset version; refuses what this version cannot do, ignores nothing. */
  static fromTemplate(parameters: TemplateParameters, data: BuilderData, limits: BuilderLimits): ProcessingPlan {
    const { data: from, gaps, windows, scaling } = parameters;
    const builder = new ProcessingBuilder(data, limits)
      .targets(from.targets)
      .baseAssets(from.baseAssets)
      .column(from.column)
      .join(from.join)
      .range(timeOrNull('data.start', from.start), timeOrNull('data.end', from.end))
      .grid(templateStep(from.step), from.aggregation)
      .gaps({ largeShare: gaps.largeShare, imputation: gaps.imputation, neighbours: gaps.neighbours })
      .split(templateSplit(parameters.split, windows.horizon))
      .windows(templateWindows(parameters))
      .scaling({ inputs: scaling.inputs, targets: scaling.targets })
      .task(templateTask(parameters))
      .seasonLength(parameters.evaluation.seasonLength)
      .directionThreshold(parameters.evaluation.directionThreshold ?? null);
    for (const feature of templateFeatures(parameters.features)) {
      builder.feature(feature.step, feature.parameters, feature);
    }
    // A template that was saved before there was one knows nothing in advance.
    const { knownFuture, assetClass } = parameters.features as Partial<TemplateParameters['features']>;
    if (knownFuture !== undefined) builder.knownFuture(knownFuture);
    if (assetClass === true) builder.assetClass();
    const { enabled, ...autoencoder } = parameters.features.autoencoder;
    if (enabled) builder.autoencoder({ ...autoencoder, seed: parameters.training.seed });
    return builder.build();
  }

  /** Assets to forecast, in output order. */
  targets(ids: readonly string[]): this {
    if (ids.length === 0) throw invalid('data.targets', ids, 'needs at least one asset');
    refuseRepeated('data.targets', ids);
    for (const id of ids) getAsset(this.data, id);
    this.targetIds = ids;
    return this;
  }

  /** Assets whose series are input; the targets always are. */
  baseAssets(selection: 'all' | readonly string[]): this {
    if (selection !== 'all') for (const id of selection) getAsset(this.data, id);
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

  /** Puts the series on a regular grid; `step` in milliseconds. See `AxisPlan`. */
  grid(step: number | 'auto' | null, aggregation: Aggregation = 'mean'): this {
    if (typeof step === 'number') wholeInRange('data.step', step, 1, 366 * 86_400_000);
    this.axisPlan = { ...this.axisPlan, ...(step === null ? {} : { step, aggregation }) };
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
    {
      assets = 'all',
      references = 'targets',
      path = `features.${step}`,
    }: {
      readonly assets?: AssetSelection | ClassSelection;
      readonly references?: AssetSelection;
      readonly path?: string;
    } = {},
  ): this {
    const resolved = resolveParameters(getFeatureStep(step).parameters, parameters, path) as ParameterValues;
    for (const selection of [assets, references]) {
      if (typeof selection !== 'string' && !isClassSelection(selection))
        for (const id of selection) getAsset(this.data, id);
    }
    this.asked.push({ step, parameters: resolved, assets, references });
    return this;
  }

  /** Compresses the columns of the features. */
  autoencoder(asked: AskedAutoencoder): this {
    this.askedAutoencoder = asked;
    return this;
  }

  /** What is known of the rows that are forecast. */
  knownFuture(plan: KnownFuturePlan): this {
    refuseRepeated('features.knownFuture.assets', plan.assets);
    for (const id of plan.assets) getAsset(this.data, id);
    this.known = plan;
    return this;
  }

  /** Makes the class of each asset known to models that serve several. */
  assetClass(): this {
    this.tellsClasses = true;
    return this;
  }

  split(plan: SplitPlan): this {
    checkBorders(plan);
    this.splitPlan = plan;
    return this;
  }

  windows(plan: WindowPlan): this {
    wholeInRange('windows.lookBack', plan.lookBack, 1, this.limits.lookBack, 'TRAINYARD_LIMIT_LOOK_BACK');
    wholeInRange('windows.horizon', plan.horizon, 1, this.limits.horizon, 'TRAINYARD_LIMIT_HORIZON');
    wholeInRange('windows.stride', plan.stride, 1, 100_000);
    wholeInRange('windows.evaluationStride', plan.evaluationStride ?? 1, 1, 100_000);
    if (plan.halfLife !== undefined) wholeInRange('windows.halfLife', plan.halfLife, 1, 1_000_000_000);
    this.windowPlan = plan;
    return this;
  }

  /** Transforms of inputs and targets: a name, or a list that is applied in order. */
  scaling(asked: {
    readonly inputs: string | readonly GivenTransform[];
    readonly targets: string | readonly GivenTransform[];
  }): this {
    this.scalingPlan = {
      inputs: resolveChain(asked.inputs, 'scaling.inputs'),
      targets: resolveChain(asked.targets, 'scaling.targets'),
    };
    return this;
  }

  /** Rows of the season the seasonal-naive baseline repeats; null infers it from the data's calendar. */
  seasonLength(rows: number | null): this {
    if (rows !== null) wholeInRange('evaluation.seasonLength', rows, 1, 1_000_000);
    this.season = rows;
    return this;
  }

  task(task: Task): this {
    this.asksDirection = task === 'direction';
    return this;
  }

  /** What counts as flat when directions are scored; null does not score them. */
  directionThreshold(changes: number | null): this {
    if (changes !== null) inRange('evaluation.directionThreshold', changes, 0, 10);
    this.direction = changes;
    return this;
  }

  build(): ProcessingPlan {
    if (this.targetIds.length === 0) throw invalid('data.targets', [], 'needs at least one asset');
    if (this.windowPlan === null) throw invalid('windows', null, 'needs look-back, horizon and stride');
    const assets = planAssets(
      this.data,
      { base: this.base, targets: this.targetIds, column: this.mainColumn },
      this.limits.assets,
    );
    const features = [
      ...this.asked.map((feature) => planFeature(feature, assets, this.targetIds, this.data)),
      ...(this.tellsClasses ? planClassFeatures(assets) : []),
    ];
    const knownFuture = planKnownFuture(this.known, assets, this.targetIds);
    const autoencoder = planAutoencoder(this.askedAutoencoder, assets, features);
    checkColumns(assets, features, autoencoder, this.limits.columns);
    checkSplitInRange(this.axisPlan, this.splitPlan, this.windowPlan);
    return {
      format: 1,
      assets,
      targets: this.targetIds,
      axis: this.axisPlan,
      gaps: this.gapPlan,
      features,
      ...(autoencoder && { autoencoder }),
      ...(knownFuture && { knownFuture }),
      split: this.splitPlan,
      windows: this.windowPlan,
      scaling: this.scalingPlan,
      seasonLength: this.season,
      ...(this.direction === null ? {} : { directionThreshold: this.direction }),
      ...(this.asksDirection ? directionPlan(this.scalingPlan, this.direction) : {}),
    };
  }
}
