import { TrainyardError } from '../../common/errors/index.js';
import { bollinger } from './bollinger.js';
import { calendar } from './calendar.js';
import { correlation } from './correlation.js';
import { ema } from './ema.js';
import type { FeatureStep } from './feature-step.js';
import { lags } from './lags.js';
import { rsi } from './rsi.js';
import { sma } from './sma.js';
import { spread } from './spread.js';

/** Every feature step a template can name. */
export const FEATURE_STEPS: readonly FeatureStep[] = [lags, calendar, sma, ema, rsi, bollinger, spread, correlation];

/** The feature step of this name; FEATURE_STEP_UNKNOWN otherwise. */
export function getFeatureStep(name: string): FeatureStep {
  const step = FEATURE_STEPS.find((candidate) => candidate.name === name);
  if (step !== undefined) return step;
  const known = FEATURE_STEPS.map((candidate) => candidate.name);
  throw new TrainyardError('FEATURE_STEP_UNKNOWN', `there is no feature step ${name}; use one of ${known.join(', ')}`, {
    value: name,
    known,
  });
}
