import { assertNever } from '../../common/assert-never.js';
import { wrong } from './read-body.js';
import type { NarrowedPrediction } from '../forecast-options.js';
import { writeCsvLines } from './csv-rows.js';
import { forecastColumns } from './forecast-columns.js';
import type { AnswerForm, MediaType, SageMakerRequest } from './sagemaker-body.js';
import { ALL_OUTPUTS, answerInstance } from './time-series-body.js';

/** The forecasts of an invocation in the type that was asked for. The same numbers in each. */
export function writeSageMakerAnswer(
  type: MediaType,
  { forms, isList }: Omit<SageMakerRequest, 'asked'>,
  predictions: readonly NarrowedPrediction[],
): string {
  const elements = () => predictions.map((prediction, at) => elementOf(prediction, forms[at]!));
  switch (type) {
    case 'application/json':
      return JSON.stringify(isList ? { predictions: elements() } : elements()[0]);
    case 'application/jsonlines':
      return elements()
        .map((element) => `${JSON.stringify(element)}\n`)
        .join('');
    case 'text/csv':
      return writeRows(forms, predictions);
    default:
      return assertNever(type);
  }
}

function elementOf(prediction: NarrowedPrediction, form: AnswerForm): unknown {
  if (form.kind === 'native') return prediction;
  return answerInstance(prediction.forecasts, form.kind === 'instance' ? form.outputs : ALL_OUTPUTS);
}

/**
 * One line a step. Rows without a header are answered without one: a column for each target, nothing else. Otherwise
 * `time`, then the columns of `forecastColumns`; with several forecasts `instance` before them, from 0.
 */
function writeRows(forms: readonly AnswerForm[], predictions: readonly NarrowedPrediction[]): string {
  const [first] = forms;
  const isPlain = first?.kind === 'rows' && !first.named;
  if (forms.some((form) => form.kind === 'instance' && form.outputs.samples > 0)) {
    throw wrong('configuration.output_types', 'samples', 'samples have no form in CSV: accept application/json');
  }
  const tables = predictions.map(({ forecasts }, at) => {
    const form = forms[at]!;
    const asked = forecasts.map((forecast) => ({
      ...forecast,
      ...(form.kind === 'rows' ? { quantiles: [] } : {}),
    }));
    const columns = forecastColumns(asked).filter(
      ({ name }) => form.kind !== 'instance' || form.outputs.mean || !forecasts.some(({ asset }) => asset === name),
    );
    return { times: forecasts[0]?.times ?? [], columns };
  });
  const isSeveral = first?.kind === 'instance' || predictions.length > 1;
  const names = tables[0]!.columns.map(({ name }) => name);
  const rows = tables.flatMap(({ times, columns }, instance) =>
    times.map((time, step) => {
      const byName = new Map(columns.map(({ name, values }) => [name, values[step]]));
      const values = names.map((name) => byName.get(name) ?? null);
      if (isPlain) return values;
      return [...(isSeveral ? [instance] : []), time, ...values];
    }),
  );
  return writeCsvLines(isPlain ? null : [...(isSeveral ? ['instance'] : []), 'time', ...names], rows);
}
