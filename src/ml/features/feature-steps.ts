import { TrainyardError } from '../../common/errors/index.js';
import { arima } from './arima.js';
import { adx } from './adx.js';
import { atr } from './atr.js';
import { bollinger } from './bollinger.js';
import { bollingerRatios } from './bollinger-ratios.js';
import { calendar } from './calendar.js';
import { cci } from './cci.js';
import { constant } from './constant.js';
import { correlation } from './correlation.js';
import { ema } from './ema.js';
import type { FeatureStep } from './feature-step.js';
import { fourier } from './fourier.js';
import { ichimoku } from './ichimoku.js';
import { kama } from './kama.js';
import { lags } from './lags.js';
import { macd } from './macd.js';
import { mfi } from './mfi.js';
import { obv } from './obv.js';
import { psar } from './psar.js';
import { returns } from './returns.js';
import { roc } from './roc.js';
import { rsi } from './rsi.js';
import { sma } from './sma.js';
import { spread } from './spread.js';
import { stochastic } from './stochastic.js';
import { stochasticRsi } from './stochastic-rsi.js';
import { volatility } from './volatility.js';
import { vwap } from './vwap.js';
import { williamsR } from './williams-r.js';
import { wma } from './wma.js';

/** Every feature step a template can name. */
export const FEATURE_STEPS: readonly FeatureStep[] = [
  lags,
  calendar,
  sma,
  ema,
  wma,
  kama,
  rsi,
  stochasticRsi,
  macd,
  bollinger,
  bollingerRatios,
  atr,
  adx,
  stochastic,
  williamsR,
  cci,
  roc,
  psar,
  ichimoku,
  obv,
  mfi,
  vwap,
  returns,
  volatility,
  arima,
  fourier,
  spread,
  correlation,
  constant,
];

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
