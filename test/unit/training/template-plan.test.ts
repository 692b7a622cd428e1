import { fitProcessing } from '#src/ml/processing/fit-processing.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import { completeParameters } from '#src/templates/resolve-template.js';
import { ProcessingBuilder } from '#src/training/processing-builder.js';
import { assetFrame } from '../../support/plans.js';
import { DAY_MS, randomWalk, regularTimes } from '../../support/series.js';

/** Real: template, builder, processing. */

const LIMITS = { horizon: 1_000, lookBack: 5_000, assets: 3, columns: 100 };
const DATA = { name: 'prices', assets: [{ id: 'EUR', assetClass: null, columns: ['value'] }] };
const times = regularTimes(200, DAY_MS);
const frames = [assetFrame('EUR', times, randomWalk(200, 7, 100))];

function processed(change: object) {
  const parameters = completeParameters({ data: { datasetId: 'dst_1', targets: ['EUR'] }, ...change }, LIMITS);
  const plan = ProcessingBuilder.fromTemplate(parameters, DATA, LIMITS);
  return { plan, ...fitProcessing(plan, prepareFrames(plan, frames)) };
}

describe('a template with rolling test windows', () => {
  it('tests as the predecessor did: the last windows, horizon by horizon', () => {
    const { plan, parts, data } = processed({
      split: { by: 'windows', testWindows: 4, validationWindows: 2 },
      windows: { lookBack: 14, horizon: 7 },
    });
    expect(plan.split).toEqual({ by: 'windows', testWindows: 4, validationWindows: 2, windowRows: 7 });
    expect(parts.test).toEqual({ start: 172, end: 200 });
    expect([...data.origins.test]).toEqual([171, 178, 185, 192]);
    expect([...data.origins.validation]).toEqual([157, 164]);
    expect(data.origins.train.at(-1)).toBe(158 - 7 - 1);
  });

  it('keeps its windows beside purge and embargo, and slides as it is told', () => {
    const { plan, parts, data } = processed({
      split: { by: 'windows', testWindows: 2, validationWindows: 1, purge: 3, embargo: 14 },
      windows: { lookBack: 14, horizon: 7, evaluationStride: 1 },
    });
    expect(plan.windows).toEqual({ lookBack: 14, horizon: 7, stride: 1 });
    expect(parts).toEqual({
      train: { start: 0, end: 145 },
      validation: { start: 162, end: 169 },
      test: { start: 186, end: 200 },
    });
    expect([...data.origins.test]).toEqual([185, 186, 187, 188, 189, 190, 191, 192]);
    // 14 rows of embargo: no look-back of a scored window reaches the part before
    expect(data.origins.validation[0]! - 14 + 1).toBeGreaterThanOrEqual(parts.train.end);
    expect(data.origins.test[0]! - 14 + 1).toBeGreaterThanOrEqual(parts.validation.end);
  });
});

describe('a template with a chain of transforms', () => {
  it('is fitted on the train part and keeps one plan for the chain', () => {
    const { plan, fitted, data } = processed({
      scaling: { inputs: ['log', 'difference', 'standard'], targets: ['log', 'difference', 'standard'] },
      windows: { lookBack: 14, horizon: 7 },
    });
    expect(plan.scaling.targets).toEqual([
      { transform: 'log', parameters: {} },
      { transform: 'difference', parameters: { lag: 1 } },
      { transform: 'standard', parameters: {} },
    ]);
    expect(fitted.targets[0]!.further!.map(({ transform }) => transform)).toEqual(['difference', 'standard']);
    expect(data.targets.isPositional).toBe(true);
    // row 0 has no change, so the first window begins at row 1
    expect(data.origins.train[0]).toBe(14);
  });
});

describe('a template that scores directions', () => {
  it('puts the threshold into the plan; without one the plan is as before there were directions', () => {
    const { plan } = processed({ evaluation: { directionThreshold: 0.5 } });
    expect(plan.directionThreshold).toBe(0.5);
    expect(processed({}).plan).not.toHaveProperty('directionThreshold');
  });
});
