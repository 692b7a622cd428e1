import { createValidationPipe } from '../../common/http/index.js';
import { TrainyardError } from '../../common/errors/index.js';
import { ForecastRequest } from '../dto/forecast-request.dto.js';
import type { ForecastOptions } from '../forecast-options.js';
import { readCsvRows } from './csv-rows.js';
import { rowsByName } from './named-columns.js';
import { arrayAt, objectAt, parseJson, textOf, textsAt, wrong } from './read-body.js';
import type { SentRows } from './sent-rows.js';

const FORMS = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'] as const;
type Form = (typeof FORMS)[number];

export interface MlflowRequest {
  readonly rows: SentRows;
  /** MLflow's `params`: those of a native forecast. */
  readonly options: ForecastOptions;
}

/**
 * The body of an MLflow scoring request: one window, a row a time, in exactly one of MLflow's forms. `instances` are rows,
 * `inputs` columns by name; rows without names have a column for each asset in the model's order.
 */
export async function readMlflowBody(
  contentType: string | undefined,
  body: Uint8Array,
  assets: readonly string[],
): Promise<MlflowRequest> {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type === 'text/csv') return { rows: readCsvRows(textOf(body), assets), options: {} };
  if (type !== 'application/json') {
    throw new TrainyardError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Content-Type ${contentType ?? '(none)'} is not read; send application/json or text/csv`,
      { contentType: contentType ?? null },
    );
  }
  const request = objectAt(parseJson(textOf(body)), 'body', [...FORMS, 'params']);
  const given = FORMS.filter((form) => request[form] !== undefined);
  const [form] = given;
  if (form === undefined || given.length > 1) {
    throw wrong('body', Object.keys(request), `must have exactly one of ${FORMS.join(', ')}`);
  }
  return { rows: rowsOf(form, request[form], assets), options: await readParams(request.params) };
}

function rowsOf(form: Form, value: unknown, assets: readonly string[]): SentRows {
  switch (form) {
    case 'dataframe_split':
      return splitRows(value, assets);
    case 'dataframe_records':
      return recordRows(arrayAt(value, form), form, assets);
    case 'instances':
      return listRows(arrayAt(value, form), form, assets);
    case 'inputs':
      if (Array.isArray(value)) return listRows(value, form, assets);
      return columnRows(value, form, assets);
  }
}

/** Pandas' `split`: `columns`, `data`, and an `index` that holds the times where no column does. */
function splitRows(value: unknown, assets: readonly string[]): SentRows {
  const { columns, data, index } = objectAt(value, 'dataframe_split', ['columns', 'data', 'index']);
  const names = textsAt(columns, 'dataframe_split.columns');
  const rows = tableRows(arrayAt(data, 'dataframe_split.data'), names, 'dataframe_split.data', assets);
  if (rows.times !== null || index === undefined) return rows;
  const labels = arrayAt(index, 'dataframe_split.index');
  // The index that pandas numbers rows with says nothing of their times.
  if (labels.every((label) => typeof label === 'number')) return rows;
  return { ...rows, times: textsAt(labels, 'dataframe_split.index') };
}

/** Objects by column name. */
function recordRows(records: readonly unknown[], path: string, assets: readonly string[]): SentRows {
  const objects = records.map((record, at) => {
    if (typeof record === 'object' && record !== null && !Array.isArray(record))
      return record as Record<string, unknown>;
    throw wrong(`${path}[${at}]`, record, 'must be an object');
  });
  const names = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const columns = names.map((name) => objects.map((object) => object[name] ?? null));
  return rowsByName(names, columns, assets, numberOf(path));
}

function listRows(items: readonly unknown[], path: string, assets: readonly string[]): SentRows {
  if (items.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))) {
    return recordRows(items, path, assets);
  }
  const rows = items.map((item): readonly unknown[] => (Array.isArray(item) ? item : [item]));
  return tableRows(rows, assets, path, assets);
}

function tableRows(
  rows: readonly unknown[],
  names: readonly string[],
  path: string,
  assets: readonly string[],
): SentRows {
  const cells = rows.map((row, at) => {
    const values = arrayAt(row, `${path}[${at}]`);
    if (values.length === names.length) return values;
    throw wrong(`${path}[${at}]`, values.length, `must have ${names.length} values: ${names.join(', ')}`);
  });
  return rowsByName(
    names,
    names.map((_, column) => cells.map((row) => row[column])),
    assets,
    numberOf(path),
  );
}

function columnRows(value: unknown, path: string, assets: readonly string[]): SentRows {
  if (typeof value !== 'object' || value === null) throw wrong(path, value, 'must be an object of columns, or rows');
  const names = Object.keys(value);
  const columns = names.map((name) => arrayAt((value as Record<string, unknown>)[name], `${path}.${name}`));
  return rowsByName(
    names,
    columns.map((column) => column.flat()),
    assets,
    numberOf(path),
  );
}

function numberOf(path: string) {
  return (cell: unknown, asset: string, row: number): number | null => {
    if (typeof cell === 'number' && Number.isFinite(cell)) return cell;
    if (cell === null || cell === undefined || cell === 'NaN') return null;
    throw wrong(`${path}[${row}].${asset}`, cell, 'must be a finite number, or null where one is missing');
  };
}

const pipe = createValidationPipe();

async function readParams(value: unknown): Promise<ForecastOptions> {
  if (value === undefined || value === null) return {};
  objectAt(value, 'params', ['horizon', 'assets', 'quantiles']);
  const request = (await pipe.transform(value, { type: 'body', metatype: ForecastRequest })) as ForecastRequest;
  const { horizon, assets: targets, quantiles } = request;
  return {
    ...(horizon === undefined ? {} : { horizon }),
    ...(targets === undefined ? {} : { assets: targets }),
    ...(quantiles === undefined ? {} : { quantiles }),
  };
}
