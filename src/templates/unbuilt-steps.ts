import { TrainyardError } from '../common/errors/index.js';
import type { TemplateParameters } from './template-parameters.js';

/** Switches of steps that templates describe and this version does not have, with what to use meanwhile. */
const UNBUILT: readonly {
  readonly path: string;
  readonly title: string;
  readonly isOn: (parameters: TemplateParameters) => boolean;
  readonly alternatives: readonly string[];
}[] = [
  {
    path: 'features.arima.enabled',
    title: 'the ARIMA feature',
    isOn: ({ features }) => features.arima.enabled,
    alternatives: ['features.lags', 'features.technicalAnalysis.ema'],
  },
  {
    path: 'features.fourier.enabled',
    title: 'the Fourier feature',
    isOn: ({ features }) => features.fourier.enabled,
    alternatives: ['features.calendar', 'features.lags'],
  },
];

/** `STEP_NOT_BUILT` for a step that is asked for and missing: it is refused, never left out in silence. */
export function assertStepsBuilt(parameters: TemplateParameters): void {
  const step = UNBUILT.find(({ isOn }) => isOn(parameters));
  if (step === undefined) return;
  throw new TrainyardError(
    'STEP_NOT_BUILT',
    `${step.path} is true, and this version does not have ${step.title} yet: set it to false, and use ${step.alternatives.join(' or ')} instead`,
    { path: step.path, value: true, alternatives: step.alternatives },
  );
}
