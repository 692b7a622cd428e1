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
    path: 'gaps.classifier.enabled',
    title: 'the gap classifier',
    isOn: ({ gaps }) => gaps.classifier.enabled,
    alternatives: ['gaps.largeShare', 'gaps.imputation'],
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
