import { TrainyardError } from '../common/errors/index.js';
import type { SplitPlan } from '../ml/processing/processing-plan.js';
import type { AssetSelection, FeatureParameters, SplitParameters, TemplateParameters } from '../templates/index.js';

/** A feature step as a template asks for it; `path` is where its parameters stand in the template. */
export interface TemplateFeature {
  readonly step: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly assets: AssetSelection;
  readonly path: string;
}

/** The enabled feature steps of a template; their order is that of the input columns. */
export function templateFeatures({ lags, calendar, technicalAnalysis }: FeatureParameters): TemplateFeature[] {
  const features: TemplateFeature[] = [];
  if (lags.enabled) {
    features.push({ step: 'lags', parameters: { lags: lags.lags }, assets: lags.assets, path: 'features.lags' });
  }
  if (calendar.enabled) features.push({ step: 'calendar', parameters: {}, assets: 'all', path: 'features.calendar' });
  if (!technicalAnalysis.enabled) return features;
  const { assets, bollinger } = technicalAnalysis;
  const path = 'features.technicalAnalysis';
  for (const step of ['sma', 'ema', 'rsi'] as const) {
    const { enabled, window } = technicalAnalysis[step];
    if (enabled) features.push({ step, parameters: { window }, assets, path: `${path}.${step}` });
  }
  if (bollinger.enabled) {
    const { window, deviations } = bollinger;
    features.push({ step: 'bollinger', parameters: { window, deviations }, assets, path: `${path}.bollinger` });
  }
  return features;
}

/** Refuses fields whose step this version does not have; ignoring them would train something else than was asked. */
export function refuseStepsNotBuilt({ features, gaps }: TemplateParameters): void {
  const asked = [
    { path: 'features.arima.enabled', enabled: features.arima.enabled },
    { path: 'features.fourier.enabled', enabled: features.fourier.enabled },
    { path: 'features.autoencoder.enabled', enabled: features.autoencoder.enabled },
    { path: 'gaps.classifier.enabled', enabled: gaps.classifier.enabled },
  ].find(({ enabled }) => enabled);
  if (asked === undefined) return;
  throw new TrainyardError(
    'STEP_NOT_BUILT',
    `${asked.path}=true asks for a step that this version does not have yet: set it to false`,
    { path: asked.path, value: true },
  );
}

export function templateSplit(split: SplitParameters): SplitPlan {
  if (split.by === 'ratio') return { by: 'ratio', validation: split.validation, test: split.test };
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
