import type { EvaluationContext } from '../evaluate.js';
import type { BacktestPlan } from './backtest-cutoffs.js';
import { modelCutoffs, type BacktestRows, type FinishedModel } from './backtest-model.js';
import type { DirectionBacktested } from './direction-backtest.js';
import { DirectionWindows, tellDirections } from './direction-windows.js';

/** As `backtestModel`, of a model of the task direction. */
export async function backtestDirections(
  backtest: BacktestPlan,
  { data, fitted, forecaster }: FinishedModel,
  rows: BacktestRows,
  context?: EvaluationContext,
): Promise<DirectionBacktested> {
  const { origins, skipped } = modelCutoffs(backtest, data, fitted, rows);
  const told = await tellDirections(data, forecaster, origins, context);
  const windows = new DirectionWindows(backtest, data);
  for (const cutoff of skipped) windows.skip(cutoff);
  const { train, validation } = rows.parts;
  const trained = { trainRows: train.end - train.start, validationRows: validation.end - validation.start };
  origins.forEach((cutoff, at) => void windows.add(cutoff, told, at, trained));
  return windows.finish();
}
