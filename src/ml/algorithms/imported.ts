import { TrainyardError } from '../../common/errors/index.js';
import { readModelFile, type ModelFile } from '../import/model-file.js';
import { weightTensors } from '../export/network-weights.js';
import type { ValuesOf } from '../parameters.js';
import type { AffineUnits } from '../transforms/affine-chain.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { Algorithm, FitOutcome, Forecaster, ModelState, TrainingContext } from './algorithm.js';
import { COLUMN_CHOICES, findLayout, INPUT_ORDERS, OUTPUT_ORDERS, type FileLayout } from './imported/file-layout.js';
import { importedFacts, type ImportedPart, type ImportedUse } from './imported/imported-facts.js';
import { restoreImported } from './imported/imported-forecaster.js';
import { originFeatures } from './linear/origin-features.js';
import { relateOwnSeries } from './own-series.js';
import { meanSquaredError, throwIfCancelled } from './training-loss.js';

const HYPERPARAMETERS = {
  modelFile: {
    kind: 'text',
    default: '',
    pattern: '^([0-9a-f]{64})?$',
    description: 'The file, as POST /model-files answered it: the SHA-256 of its bytes.',
  },
  inputUnits: {
    kind: 'choice',
    values: ['original', 'scaled'],
    default: 'original',
    description:
      'What the file reads. original: values as they are in the dataset, features as their steps make them. scaled: as scaling.inputs makes them of both; so files that this service wrote.',
  },
  outputUnits: {
    kind: 'choice',
    values: ['original', 'scaled'],
    default: 'original',
    description: 'What the file forecasts. original: values of the targets. scaled: as scaling.targets makes them.',
  },
  inputColumns: {
    kind: 'choice',
    values: ['auto', ...COLUMN_CHOICES],
    default: 'auto',
    description:
      'What one call of the file reads. all: every input column, and it forecasts every target. per-target: the series and features of one target, which it forecasts. own-series: the series of one target alone. auto: what the shapes say.',
  },
  inputOrder: {
    kind: 'choice',
    values: ['auto', ...INPUT_ORDERS],
    default: 'auto',
    description: 'How the window lies in its input: row by row, or column by column. auto: what the shapes say.',
  },
  outputOrder: {
    kind: 'choice',
    values: ['auto', ...OUTPUT_ORDERS],
    default: 'auto',
    description: 'How the forecast lies in its output: step by step, or target by target. auto: what the shapes say.',
  },
} as const;

type Values = ValuesOf<typeof HYPERPARAMETERS>;

/** Windows between two looks at the budget. */
const WINDOWS_AT_ONCE = 32;
const PATH = 'algorithm.hyperparameters';

/**
 * A network that was trained elsewhere, read from a `.keras` or ONNX file and used as it is: nothing is trained, and the
 * losses are those of its forecasts. What it was trained on is not known here: it may have learned from rows of any part,
 * the test part included, so its scores prove less than those of a model that was trained here. From the origin of a
 * window on it sees nothing: each window is computed by itself.
 */
export const imported: Algorithm = {
  name: 'imported',
  title: 'Imported model',
  description:
    'A model that was trained elsewhere, from a .keras or ONNX file; it is scored, registered and served like any other.',
  family: 'imported',
  hyperparameters: HYPERPARAMETERS,
  usesFeatures: true,
  usesWeights: false,
  imports: true,
  fit: (data, hyperparameters, context) => fitImported(data, hyperparameters as Values, context),
  restore: (state) => restoreImported(state),
};

async function fitImported(data: WindowedData, values: Values, context: TrainingContext): Promise<FitOutcome> {
  throwIfCancelled(context);
  const { modelFile } = context;
  if (modelFile === undefined) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `${PATH}.modelFile names no file: upload one with POST /model-files, and give what it answers as modelFile`,
      { path: `${PATH}.modelFile`, value: values.modelFile },
    );
  }
  const file = await readModelFile(modelFile.content);
  const use = useOf(file, data, values, modelFile);
  const model: ModelState = {
    format: 1,
    algorithm: 'imported',
    hyperparameters: values,
    lookBack: data.lookBack,
    horizon: data.horizon,
    inputs: data.inputs.names,
    targets: data.targets.names,
    facts: importedFacts(use),
    ...('network' in file
      ? { tensors: weightTensors('', file.network.weights), network: file.network.architecture }
      : { tensors: {}, onnx: file.onnx }),
  };
  const { columns, inputOrder, outputOrder } = use.layout;
  context.log(
    'info',
    `The ${file.summary.format} file reads [${use.layout.inputShape.join(', ')}]: ${columns}, ${inputOrder}, in ${values.inputUnits} units; it makes ${outputOrder}, in ${values.outputUnits} units. Nothing is trained`,
  );
  const forecaster = await restoreImported(model, context.engine);
  try {
    const validation = await lossOver(data, forecaster, data.origins.validation, context);
    const train = await lossOver(data, forecaster, data.origins.train, context);
    const loss = train.loss ?? validation.loss ?? 0;
    context.onProgress({ fraction: 1, epoch: 0, epochs: 0, loss });
    return {
      model,
      iterations: 0,
      bestEpoch: null,
      loss,
      validationLoss: validation.loss,
      stopReason: train.isComplete && validation.isComplete ? 'completed' : 'budget',
      engine: forecaster.engine,
    };
  } finally {
    forecaster.dispose();
  }
}

/** Null for what is scaled: it is read and made as it is. */
function unitsOf(
  said: string,
  units: AffineUnits | null | undefined,
  { path, column }: { readonly path: string; readonly column: string },
): AffineUnits | null {
  if (said === 'scaled') return null;
  if (units) return units;
  throw new TrainyardError(
    'PARAMETER_INVALID',
    `${path} changes ${column} by more than an offset and a factor, which cannot be undone for a file in original units: set it to none, or to a scaler such as standard`,
    { path, column },
  );
}

function useOf(
  { summary }: ModelFile,
  data: WindowedData,
  values: Values,
  units: NonNullable<TrainingContext['modelFile']>,
): ImportedUse {
  const { features } = originFeatures(data);
  const window = {
    lookBack: data.lookBack,
    horizon: data.horizon,
    targets: data.targets.names.length,
    widths: { all: data.inputs.names.length, 'per-target': 1 + features.length, 'own-series': 1 },
  };
  const layout = findLayout(summary, window, values);
  const { name, type, shape } = summary.input;
  const own = layout.columns === 'per-target' ? features : [];
  const outputs = data.targets.names.map(
    (target, k) =>
      unitsOf(values.outputUnits, units.targets[k], { path: 'scaling.targets', column: target }) ?? AS_IT_IS,
  );
  return {
    layout,
    parts: partsOf(layout, data, own, (c) =>
      unitsOf(values.inputUnits, units.inputs[c], { path: 'scaling.inputs', column: data.inputs.names[c]! }),
    ),
    outputs: { offsets: outputs.map(({ offset }) => offset), ranges: outputs.map(({ range }) => range) },
    call:
      summary.format === 'keras'
        ? null
        : { input: name, inputType: type, output: summary.output.name, batch: shape[0] ?? null },
  };
}

/**
 * In scaled units the series that a target is forecast from by itself is put into the units of the target: one network
 * then serves all of them, whatever their inputs are scaled by.
 */
function partsOf(
  { columns }: FileLayout,
  data: WindowedData,
  features: readonly { readonly columns: readonly number[] }[],
  inputUnits: (column: number) => AffineUnits | null,
): ImportedPart[] {
  const part = (read: readonly number[], first: AffineUnits | null): ImportedPart => {
    const units = read.map((column, at) => inputUnits(column) ?? (at === 0 ? first : null) ?? AS_IT_IS);
    return { columns: read, offsets: units.map(({ offset }) => offset), ranges: units.map(({ range }) => range) };
  };
  if (columns === 'all')
    return [
      part(
        data.inputs.names.map((_, c) => c),
        null,
      ),
    ];
  const own = relateOwnSeries(data);
  return own.columns.map((column, k) =>
    part([column, ...features.map((feature) => feature.columns[k]!)], {
      offset: own.intercepts[k]!,
      range: own.slopes[k]!,
    }),
  );
}

const AS_IT_IS: AffineUnits = { offset: 0, range: 1 };

async function lossOver(
  data: WindowedData,
  forecaster: Forecaster,
  origins: Int32Array,
  context: TrainingContext,
): Promise<{ loss: number | null; isComplete: boolean }> {
  let [sum, count] = [0, 0];
  for (let from = 0; from < origins.length; from += WINDOWS_AT_ONCE) {
    const block = origins.subarray(from, from + WINDOWS_AT_ONCE);
    const loss = await meanSquaredError(data, forecaster, block, context);
    sum += (loss ?? 0) * block.length;
    count += block.length;
    const isOver = context.maxRuntimeMs !== null && context.elapsedMs() >= context.maxRuntimeMs;
    if (isOver && count < origins.length) return { loss: sum / count, isComplete: false };
  }
  return { loss: count === 0 ? null : sum / count, isComplete: true };
}
