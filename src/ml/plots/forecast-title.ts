import type { EvaluationReport, PartEvaluation } from '../evaluation/evaluation-report.js';
import { isSignificant } from '../evaluation/skill-tests.js';
import { countText, errorText, pValueText, skillText } from '../evaluation/score-text.js';
import type { ForecastPicture } from './forecast-picture.js';
import type { ChartSpec } from './theme.js';

/** Which signs of gaps a picture has. */
interface ShownGaps {
  readonly hasLarge: boolean;
  readonly hasStrip: boolean;
}

/** The title says what the model is worth, the lines under it what that was measured on. */
export function forecastTitle(
  { algorithm, data, report, fitted }: ForecastPicture,
  { leftOut, isApart, gaps }: { readonly leftOut: number; readonly isApart: boolean; readonly gaps: ShownGaps },
): { readonly title: NonNullable<ChartSpec['title']> } {
  const scored = report.test ?? report.validation;
  const more = leftOut === 0 ? '' : ` (${fitted.targets.length - leftOut} assets shown, and ${leftOut} more)`;
  const windows = `look-back ${data.lookBack} rows, horizon ${data.horizon} rows`;
  if (scored === null) return { title: { text: `${algorithm}: not scored${more}`, subtitle: [windows] } };
  return {
    title: {
      text: `${algorithm}${scored.hasSkill ? `: skill ${skills(scored)}` : ` has no skill: ${skills(scored)}`}${more}`,
      subtitle: [
        `${scored.part === 'test' ? 'Test' : 'Validation'} ${day(scored.from)} to ${day(scored.to)}, ` +
          `${countText(scored.windows)} windows, ${windows}: ${errors(scored)}`,
        `${drawn(data.horizon, isApart)}${bandText(scored)}`,
        ...gapText(gaps, fitted.smallGapRows, report),
      ],
    },
  };
}

function gapText({ hasLarge, hasStrip }: ShownGaps, smallGapRows: number, { gaps = [] }: EvaluationReport): string[] {
  const bands = hasLarge ? [`Grey: gaps of more than ${countText(smallGapRows)} rows, masked and never scored.`] : [];
  const aucs = gaps.flatMap(({ later }) => (later?.auc == null ? [] : [later.auc.toFixed(2)]));
  const scored = aucs.length === 0 ? '' : ` (AUC ${aucs.join(', ')})`;
  const strip = hasStrip ? [`P(gap): probability that a row is missing${scored}, grey where it was.`] : [];
  const text = [...bands, ...strip].join(' ');
  return text === '' ? [] : [text];
}

function bandText({ intervals }: PartEvaluation): string {
  if (!intervals) return '';
  const percent = (share: number): string => String(Number((100 * share).toFixed(1)));
  const promised = intervals.overall.map(({ coverage }) => percent(coverage));
  const held = intervals.overall.map(({ covered }) => percent(covered));
  return ` Shaded: intervals of ${promised.join(' and ')} %; they hold ${held.join(' and ')} % of the test values.`;
}

function drawn(horizon: number, isApart: boolean): string {
  if (horizon === 1) return 'Each value is forecast one row ahead.';
  const tiled = `Drawn are forecasts of ${horizon} rows laid end to end`;
  return isApart ? `${tiled}; dotted lines mark the last row that each one knows.` : `${tiled}.`;
}

/** The skill against both baselines, with a p-value where the difference may be chance. */
export function skills({ skill, significance }: PartEvaluation): string {
  const against = (baseline: 'naive' | 'seasonalNaive', name: string): string => {
    const test = significance[baseline];
    return `${skillText(skill[baseline].mae)} against ${name}${isSignificant(test) ? '' : pValueText(test)}`;
  };
  return `${against('naive', 'naive')}, ${against('seasonalNaive', 'seasonal naive')}`;
}

/** Over several assets, scaled units: original ones may differ. */
function errors({ model, naive, seasonalNaive, perAsset }: PartEvaluation): string {
  const unit = perAsset.length === 1 ? 'original' : 'scaled';
  const mae = [model, naive, seasonalNaive].map((forecast) => errorText(forecast[unit].mae));
  return `MAE ${mae[0]} (naive ${mae[1]}, seasonal naive ${mae[2]})${unit === 'scaled' ? ' in scaled units' : ''}`;
}

function day(time: string): string {
  return time.slice(0, 10);
}
