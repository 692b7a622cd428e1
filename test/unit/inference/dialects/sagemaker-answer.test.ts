import fc from 'fast-check';
import { writeSageMakerAnswer } from '#src/inference/dialects/sagemaker-answer.js';
import type { AnswerForm } from '#src/inference/dialects/sagemaker-body.js';
import { answerInstance, readInstance, readOutputs } from '#src/inference/dialects/time-series-body.js';
import { ONE_TARGET, SIGNATURE, predictionOf } from '../../../support/forecast-signatures.js';

const FORM: AnswerForm = { kind: 'instance', outputs: { mean: true, quantiles: null, samples: 0 } };

interface Element {
  readonly mean: number[];
  readonly quantiles: Record<string, number[]>;
}

describe('answers of SageMaker', () => {
  it('have the same doubles in CSV, JSON and JSON Lines', () => {
    const mean = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 }), {
      minLength: 2,
      maxLength: 2,
    });
    fc.assert(
      fc.property(fc.array(mean, { minLength: 1, maxLength: 4 }), (means) => {
        const predictions = means.map((values) => predictionOf({ north: values }));
        const request = { forms: means.map(() => FORM), isList: true };
        const write = (type: 'text/csv' | 'application/json' | 'application/jsonlines') =>
          writeSageMakerAnswer(type, request, predictions);
        const { predictions: elements } = JSON.parse(write('application/json')) as { predictions: Element[] };
        const lines = write('application/jsonlines').trim().split('\n');
        expect(lines.map((line) => JSON.parse(line) as Element)).toEqual(elements);
        const rows = write('text/csv')
          .trim()
          .split('\n')
          .map((line) => line.split(','));
        expect(rows[0]).toEqual(['instance', 'time', 'north', 'north_q0.1', 'north_q0.5', 'north_q0.9']);
        expect(rows.slice(1).map((row) => row.slice(2).map(Number))).toEqual(
          elements.flatMap(({ mean: values, quantiles }) =>
            values.map((value, step) => [
              value,
              quantiles['0.1']![step],
              quantiles['0.5']![step],
              quantiles['0.9']![step],
            ]),
          ),
        );
        elements.forEach((element, at) =>
          element.mean.forEach((value, step) => expect(value === means[at]![step]).toBe(true)),
        );
      }),
    );
  });

  it('have lists by target where there are several, and probabilities where there are directions', () => {
    const both = predictionOf({ north: [1, 2], south: [3, 4] });
    const outputs = readOutputs(
      { output_types: ['mean', 'quantiles'], quantiles: ['0.10', 0.5, 0.9] },
      'configuration',
    );
    expect(answerInstance(both.forecasts, outputs)).toEqual({
      mean: [
        [1, 2],
        [3, 4],
      ],
      quantiles: {
        '0.10': [
          [0.9, 1.8],
          [2.7, 3.6],
        ],
        '0.5': [
          [1, 2],
          [3, 4],
        ],
        '0.9': [
          [1.1, 2.2],
          [3.3000000000000003, 4.4],
        ],
      },
    });
    const probabilities = { down: [0.2], flat: [0.3], up: [0.5] };
    const told = {
      ...both,
      forecasts: [
        {
          asset: 'north',
          times: ['2024-01-03'],
          probabilities,
          direction: ['up' as const],
          flatWithin: [1],
          gapProbability: null,
          intervals: [],
        },
      ],
    };
    expect(answerInstance(told.forecasts, outputs)).toEqual({ probabilities, direction: ['up'] });
    expect(writeSageMakerAnswer('text/csv', { forms: [{ kind: 'rows', named: true }], isList: true }, [told])).toBe(
      'time,north_down,north_flat,north_up\n2024-01-03,0.2,0.3,0.5\n',
    );
  });

  it.each([
    [{ target: [1], item: 1 }, 'instances[0].item: is not among start, target, dynamic_feat, cat, configuration'],
    [{ target: 'x' }, 'instances[0].target: must be an array'],
    [{ target: [1], start: 5 }, 'instances[0].start: must be a text such as 2024-01-01 00:00:00'],
    [{ target: [1], start: 'now' }, 'instances[0].start[0] = "now" is not an ISO 8601 date'],
    [{ target: [1], dynamic_feat: [[1]] }, 'instances[0].dynamic_feat: must have 0 series'],
  ])('refuse the instance %j', (instance, message) => {
    expect(() => readInstance(instance, 'instances[0]', ONE_TARGET)).toThrow(message);
  });

  it('refuse one list for several targets, and outputs that there are not', () => {
    expect(() => readInstance({ target: [1, 2] }, 'instances[0]', SIGNATURE)).toThrow(
      'instances[0].target: must be a list of series, since the model has several targets: north, south',
    );
    const tries = [
      [{ output_types: ['median'] }, 'configuration.output_types: must be among mean, quantiles, samples'],
      [{ num_samples: 1_001 }, 'configuration.num_samples: must be a whole number from 1 to 1000'],
      [{ quantiles: ['1'] }, 'configuration.quantiles[0]: must be a number between 0 and 1, or its text'],
    ] as const;
    for (const [configuration, message] of tries) {
      expect(() => readOutputs(configuration, 'configuration')).toThrow(message);
    }
  });
});
