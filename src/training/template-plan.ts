import { TrainyardError } from '../common/errors/index.js';
import type { Task } from '../ml/algorithms/algorithms.js';
import { stepDurationMs } from '../ml/calendar/step-duration.js';
import type { ScalingPlan, SplitPlan, WindowPlan } from '../ml/processing/processing-plan.js';
import {
  FOURIER_ASSET_CLASSES,
  type AssetSelection,
  type FeatureParameters,
  type SplitParameters,
  type TemplateParameters,
} from '../templates/index.js';
import type { ClassSelection } from './class-selection.js';

/** A feature step as a template asks for it; `path` is where its parameters stand in the template. */
export interface TemplateFeature {
  readonly step: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly assets: AssetSelection | ClassSelection;
  readonly references: AssetSelection;
  readonly path: string;
}

/** The enabled feature steps of a template; their order is that of the input columns. */
export function templateFeatures(features: FeatureParameters): TemplateFeature[] {
  const { lags, calendar, technicalAnalysis, arima, fourier, steps } = features;
  return [
    ...(lags.enabled ? [feature('features.lags', 'lags', { lags: lags.lags }, lags.assets)] : []),
    ...(calendar.enabled ? [feature('features.calendar', 'calendar', {}, 'all')] : []),
    ...(technicalAnalysis.enabled ? indicatorFeatures(technicalAnalysis) : []),
    ...(arima.enabled ? [arimaFeature(arima)] : []),
    ...(fourier.enabled ? [fourierFeature(fourier)] : []),
    ...steps.map(({ step, parameters, assets, references }, at) =>
      feature(`features.steps[${at}].parameters`, step, parameters, assets, references),
    ),
  ];
}

function indicatorFeatures(group: FeatureParameters['technicalAnalysis']): TemplateFeature[] {
  const { assets, bollinger } = group;
  const path = 'features.technicalAnalysis';
  const features = (['sma', 'ema', 'rsi'] as const).flatMap((step) => {
    const { enabled, window } = group[step];
    return enabled ? [feature(`${path}.${step}`, step, { window }, assets)] : [];
  });
  if (!bollinger.enabled) return features;
  const { window, deviations } = bollinger;
  return [...features, feature(`${path}.bollinger`, 'bollinger', { window, deviations }, assets)];
}

function arimaFeature({ enabled: _, assets, ...parameters }: FeatureParameters['arima']): TemplateFeature {
  return feature('features.arima', 'arima', parameters, assets);
}

function fourierFeature({ enabled: _, assetClasses, ...parameters }: FeatureParameters['fourier']): TemplateFeature {
  const isDefault = assetClasses.join('\n') === FOURIER_ASSET_CLASSES.join('\n');
  const path = 'features.fourier.assetClasses';
  return feature('features.fourier', 'fourier', parameters, { assetClasses, isDefault, path });
}

function feature(
  path: string,
  step: string,
  parameters: TemplateFeature['parameters'],
  assets: TemplateFeature['assets'],
  references: AssetSelection = 'targets',
): TemplateFeature {
  return { path, step, parameters, assets, references };
}

export function templateSplit(split: SplitParameters, horizon: number): SplitPlan {
  const { purge, embargo } = split;
  // A plan without gaps is written as before there were any.
  const gaps = { ...(purge > 0 ? { purge } : {}), ...(embargo > 0 ? { embargo } : {}) };
  return { ...partBorders(split, horizon), ...gaps };
}

function partBorders(split: SplitParameters, horizon: number): SplitPlan {
  if (split.by === 'ratio') return { by: 'ratio', validation: split.validation, test: split.test };
  if (split.by === 'windows') {
    const { validationWindows, testWindows } = split;
    return { by: 'windows', validationWindows, testWindows, windowRows: horizon };
  }
  return {
    by: 'date',
    trainEnd: requiredTime('split.trainEnd', split.trainEnd),
    validationEnd: requiredTime('split.validationEnd', split.validationEnd),
    testEnd: timeOrNull('split.testEnd', split.testEnd),
  };
}

function requiredTime(path: string, text: string | null): number {
  const time = timeOrNull(path, text);
  if (time !== null) return time;
  throw new TrainyardError('PARAMETER_INVALID', `${path} is required when split.by=date: give an ISO 8601 time`, {
    path,
  });
}

/** Windows of a template; rolling test windows do not overlap unless the template says how far they slide. */
export function templateWindows({ windows, split }: Pick<TemplateParameters, 'windows' | 'split'>): WindowPlan {
  const { lookBack, horizon, stride } = windows;
  const evaluationStride = windows.evaluationStride ?? (split.by === 'windows' ? horizon : 1);
  // A template that was saved before there was one has no half-life.
  const halfLife = windows.halfLife ?? null;
  return {
    lookBack,
    horizon,
    stride,
    ...(evaluationStride === 1 ? {} : { evaluationStride }),
    ...(halfLife === null ? {} : { halfLife }),
  };
}

export function timeOrNull(path: string, text: string | null): number | null {
  if (text === null) return null;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new TrainyardError(
    'PARAMETER_INVALID',
    `${path}="${text}" is not an ISO 8601 time such as 2024-01-31T00:00:00Z`,
    {
      path,
      value: text,
    },
  );
}

/** `data.step` in milliseconds. A template that was saved before there was one keeps the times as they are. */
export function templateStep(step: string | number | null | undefined): number | 'auto' | null {
  if (step === undefined || step === null || step === 'auto') return step ?? null;
  const stepMs = stepDurationMs(step);
  if (stepMs !== null) return stepMs;
  throw new TrainyardError(
    'PARAMETER_INVALID',
    `data.step ${JSON.stringify(step)} is neither "auto", nor seconds, nor an ISO 8601 duration such as PT10M`,
    { path: 'data.step', value: step },
  );
}

/** A template that was saved before there was a choice forecasts values. */
export function templateTask({ task }: Partial<TemplateParameters>): Task {
  return task ?? 'forecast';
}

/** What the task direction changes in a plan: directions are of the values as they are, so none is transformed. */
export function directionPlan(scaling: ScalingPlan, threshold: number | null) {
  return { task: 'direction', scaling: { ...scaling, targets: 'none' }, directionThreshold: threshold ?? 0 } as const;
}
