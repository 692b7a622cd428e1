import type { WindowedData } from '../windows/windowed-data.js';
import type { FittedProcessing } from './processing-plan.js';

/**
 * The same processing and windows with some of the input columns only; `kept` are positions, ascending, those of the
 * targets' own series among them. Windows that a dropped column had made incomplete stay left out.
 */
export function keepInputs(
  fitted: FittedProcessing,
  data: WindowedData,
  kept: readonly number[],
): { fitted: FittedProcessing; data: WindowedData } {
  const place = (input: number): number => {
    const at = kept.indexOf(input);
    if (at < 0) throw new Error(`input ${input} is the series of a target and cannot be left out`);
    return at;
  };
  const { names, columns, assets } = data.inputs;
  return {
    fitted: {
      ...fitted,
      inputs: kept.map((at) => fitted.inputs[at]!),
      targets: fitted.targets.map((target) => ({ ...target, input: place(target.input) })),
    },
    data: {
      ...data,
      inputs: {
        names: kept.map((at) => names[at]!),
        columns: kept.map((at) => columns[at]!),
        ...(assets === undefined ? {} : { assets: kept.map((at) => assets[at]!) }),
      },
      targets: { ...data.targets, inputs: data.targets.inputs.map(place) },
    },
  };
}
