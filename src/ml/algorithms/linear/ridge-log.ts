import type { WindowedData } from '../../windows/windowed-data.js';
import type { TrainingContext } from '../algorithm.js';
import type { originFeatures } from './origin-features.js';
import type { RidgeChoice } from './ridge-selection.js';

interface RidgeLogParameters {
  readonly exogenous: string;
  readonly lambdas: readonly number[];
}

export function tellWhatIsLeftOut(
  parameters: RidgeLogParameters,
  available: ReturnType<typeof originFeatures>,
  data: WindowedData,
  context: TrainingContext,
): void {
  const unused =
    parameters.exogenous === 'none'
      ? data.inputs.names.filter((_, c) => !data.targets.inputs.includes(c))
      : available.unused;
  if (unused.length === 0) return;
  context.log(
    'warn',
    `ridge does not read ${unused.length} of ${data.inputs.names.length} input columns (${unused.slice(0, 5).join(', ')}` +
      `${unused.length > 5 ? ', …' : ''}): it takes the targets' own series` +
      `${parameters.exogenous === 'none' ? ', since exogenous is none' : ' and features that every target has'}.`,
  );
}

export function tellChoices(
  choices: readonly RidgeChoice[],
  parameters: RidgeLogParameters,
  data: WindowedData,
  context: TrainingContext,
): void {
  choices.forEach((choice, k) => {
    const whose = choices.length > 1 ? ` for ${data.targets.names[k]}` : '';
    const { withFeatures, withoutFeatures } = choice.scores;
    const compared =
      withFeatures !== null && withoutFeatures !== null
        ? ` Features at the origin are ${choice.withFeatures ? 'used' : 'left out'}: error ` +
          `${withFeatures.toPrecision(4)} with, ${withoutFeatures.toPrecision(4)} without them.`
        : '';
    const covariates = describeCovariates(choice);
    context.log(
      'info',
      `Lambda ${choice.lambda}${whose} has the smallest error, ${choice.score.toPrecision(4)}.${compared}${covariates}`,
    );
    if (parameters.lambdas.length > 2 && choice.lambda === Math.max(...parameters.lambdas)) {
      context.log('warn', `The largest lambda won${whose}; add larger ones to lambdas.`);
    }
  });
}

function describeCovariates({ ahead, scores }: RidgeChoice): string {
  if (scores.withCovariates === null || scores.withoutCovariates === null) return '';
  const used =
    ahead === 'none'
      ? 'left out'
      : `used, ${ahead === 'shared' ? 'with coefficients that all steps share' : 'with coefficients of each step'}`;
  return ` Known-future covariates are ${used}: error ${scores.withCovariates.toPrecision(4)} with, ${scores.withoutCovariates.toPrecision(4)} without them.`;
}
