import { DIRECTIONS } from '../../ml/windows/direction-labels.js';
import type { NarrowedPrediction } from '../forecast-options.js';
import type { ForecastSignature } from '../forecast-signature.js';
import { forecastColumns, quantileName } from './forecast-columns.js';
import { bytesOfTensor, datatypeOf, type OutputTensor } from './oip-tensors.js';
import { commonLevels } from './time-series-body.js';

/** What a model gives, under the names of `forecastColumns`, and the times of the forecast rows. */
export interface AvailableOutput {
  readonly name: string;
  readonly datatype: 'FP64' | 'BYTES';
  /** The quantile that it takes; absent for others. */
  readonly level?: number;
}

/** One that a request asks for. */
export interface WantedOutput {
  readonly name: string;
  readonly isBinary: boolean;
}

const TIMES_OUTPUT = 'times';

export function outputsOf(signature: ForecastSignature): AvailableOutput[] {
  const { targets, tellsDirections } = signature;
  const numbers = targets.flatMap((target): AvailableOutput[] => {
    if (tellsDirections) return DIRECTIONS.map((direction) => ({ name: `${target}_${direction}`, datatype: 'FP64' }));
    return [
      { name: target, datatype: 'FP64' },
      ...commonLevels(signature).map((level) => ({
        name: quantileName(target, level),
        datatype: 'FP64' as const,
        level,
      })),
    ];
  });
  // An asset of that name keeps it.
  const hasTimes = !numbers.some(({ name }) => name === TIMES_OUTPUT);
  return [...numbers, ...(hasTimes ? [{ name: TIMES_OUTPUT, datatype: 'BYTES' as const }] : [])];
}

export interface OipAnswer {
  readonly body: Uint8Array;
  /** Of the JSON, where binary data follows it; null where none does. */
  readonly headerLength: number | null;
}

/** `facts`: the fields of the answer besides its outputs, each of which is [batch, steps]. */
export function writeOipAnswer(
  facts: Readonly<Record<string, unknown>>,
  wanted: readonly WantedOutput[],
  predictions: readonly NarrowedPrediction[],
): OipAnswer {
  const tables = predictions.map(({ forecasts }) => ({
    times: forecasts[0]!.times,
    columns: new Map(forecastColumns(forecasts).map(({ name, values }) => [name, values])),
  }));
  const steps = tables[0]?.times.length ?? 0;
  const tensors = wanted.map(({ name, isBinary }): { tensor: OutputTensor; bytes: Uint8Array | null } => {
    const rows = tables.map(({ times, columns }) => columns.get(name) ?? times);
    const tensor = { name, shape: [tables.length, steps], values: rows.flat() as number[] | string[] };
    return { tensor, bytes: isBinary ? bytesOfTensor(tensor) : null };
  });
  const text = JSON.stringify({
    ...facts,
    outputs: tensors.map(({ tensor, bytes }) => ({
      name: tensor.name,
      shape: tensor.shape,
      datatype: datatypeOf(tensor),
      ...(bytes === null ? { data: tensor.values } : { parameters: { binary_data_size: bytes.byteLength } }),
    })),
  });
  const header = Buffer.from(text);
  const binary = tensors.flatMap(({ bytes }) => bytes ?? []);
  if (binary.length === 0) return { body: header, headerLength: null };
  return { body: Buffer.concat([header, ...binary]), headerLength: header.byteLength };
}
