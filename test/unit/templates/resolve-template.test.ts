import fc from 'fast-check';
import { isTrainyardError, type TrainyardError } from '#src/common/errors/index.js';
import { ALGORITHMS, supportsTask } from '#src/ml/algorithms/algorithms.js';
import type { ParameterDeclaration, ParameterValue } from '#src/ml/parameters.js';
import { flattenFields, layFields, type Fields } from '#src/templates/parameter-fields.js';
import { completeParameters, resolveTemplate } from '#src/templates/resolve-template.js';
import type { SparseParameters, TemplateContent } from '#src/templates/index.js';
import { denseTopology } from '../../support/topologies.js';

const LIMITS = { horizon: 1_000, lookBack: 5_000, assets: 10 };

function template(given: SparseParameters): TemplateContent {
  const sparse = layFields(
    { data: { datasetId: 'dst_1', targets: ['EUR'] }, algorithm: { name: 'seasonal-naive' } },
    given,
  );
  return { given: sparse, parameters: completeParameters(sparse, LIMITS) };
}

function nested(path: string, value: unknown): Fields {
  return path.split('.').reduceRight<unknown>((inner, field) => ({ [field]: inner }), value) as Fields;
}

function failure(content: TemplateContent, overrides: unknown): TrainyardError {
  try {
    resolveTemplate(content, overrides, LIMITS);
  } catch (error) {
    if (isTrainyardError(error)) return error;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(overrides)}`);
}

/** For leaves that can be changed alone, values that are allowed. */
const LEAVES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  'data.datasetVersion': fc.option(fc.integer({ min: 1, max: 99 })),
  'data.targets': fc.uniqueArray(fc.constantFrom('EUR', 'USD', 'JPY'), { minLength: 1 }),
  'data.baseAssets': fc.constantFrom('all', ['EUR', 'USD']),
  'data.column': fc.option(fc.constantFrom('close', 'open')),
  'data.join': fc.constantFrom('union', 'targets', 'intersection'),
  'data.start': fc.option(fc.constant('2001-01-01')),
  'data.end': fc.option(fc.constant('2020-01-01T00:00:00Z')),
  'gaps.largeShare': fc.double({ min: 0, max: 1, noNaN: true }),
  'gaps.imputation': fc.constantFrom('forward-fill', 'trailing-median'),
  'features.lags.enabled': fc.boolean(),
  'features.technicalAnalysis.enabled': fc.boolean(),
  'features.technicalAnalysis.bollinger.window': fc.integer({ min: 5, max: 50 }),
  'features.fourier.harmonics': fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 }),
  'split.validation': fc.double({ min: 0.01, max: 0.4, noNaN: true }),
  'split.test': fc.double({ min: 0.01, max: 0.4, noNaN: true }),
  'windows.horizon': fc.integer({ min: 1, max: 1_000 }),
  'scaling.inputs': fc.constantFrom('standard', 'none'),
  'algorithm.hyperparameters.seasonLength': fc.integer({ min: 0, max: 365 }),
  'training.seed': fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  'training.maxRuntimeSeconds': fc.option(fc.integer({ min: 1, max: 999 })),
  'registration.model': fc.option(fc.constantFrom('a', 'fx-7')),
};

/** Some of the leaves with values, by path. */
const someLeaves = fc.record(LEAVES, { requiredKeys: [] }).map((leaves) => Object.entries<unknown>(leaves));

function assemble(leaves: readonly [string, unknown][]): Fields {
  return leaves.reduce<Fields>((group, [path, value]) => layFields(group, nested(path, value)), {});
}

describe('resolving', () => {
  it('without overrides gives the template and says which fields its author wrote', () => {
    const content = template({ windows: { horizon: 3 } });
    const { parameters, origins, warnings } = resolveTemplate(content, undefined, LIMITS);
    expect(parameters).toEqual(content.parameters);
    expect(origins['windows.horizon']).toBe('template');
    expect(origins['data.targets']).toBe('template');
    expect(origins['windows.lookBack']).toBe('default');
    expect(origins['algorithm.hyperparameters.seasonLength']).toBe('default');
    expect(warnings).toEqual([]);
  });

  it('puts each override in exactly its own leaf, with its own origin', () => {
    fc.assert(
      fc.property(someLeaves, someLeaves, (written, overridden) => {
        const content = template(assemble(written));
        const { parameters, origins } = resolveTemplate(content, assemble(overridden), LIMITS);
        const leaves = flattenFields(parameters);
        const before = flattenFields(content.parameters);
        const over = new Map(overridden);
        const author = flattenFields(content.given);
        const expected = [...leaves.keys()].map((path) => ({
          path,
          value: over.has(path) ? over.get(path) : before.get(path),
          origin: over.has(path) ? 'override' : author.has(path) ? 'template' : 'default',
        }));
        expect([...leaves].map(([path, value]) => ({ path, value, origin: origins[path] }))).toEqual(expected);
        expect(Object.keys(origins)).toHaveLength(leaves.size);
        expect(leaves.size).toBe(before.size);
      }),
      { numRuns: 40 },
    );
  });

  it('is idempotent: overriding with what came out changes nothing', () => {
    fc.assert(
      fc.property(someLeaves, someLeaves, (written, overridden) => {
        const content = template(assemble(written));
        const { parameters } = resolveTemplate(content, assemble(overridden), LIMITS);
        const again = resolveTemplate(content, parameters, LIMITS);
        expect(again.parameters).toEqual(parameters);
        expect(new Set(Object.values(again.origins))).toEqual(new Set(['override']));
      }),
      { numRuns: 15 },
    );
  });

  it('changes neither the template nor the overrides', () => {
    const content = template({ windows: { horizon: 3 } });
    const overrides = { windows: { lookBack: 9 }, features: { lags: { lags: [1, 2] } } };
    const before = JSON.stringify([content, overrides]);
    resolveTemplate(content, overrides, LIMITS);
    expect(JSON.stringify([content, overrides])).toBe(before);
  });

  it('replaces a list as a whole', () => {
    const content = template({ features: { lags: { lags: [1, 2, 3] } } });
    const { parameters } = resolveTemplate(content, { features: { lags: { lags: [7] } } }, LIMITS);
    expect(parameters.features.lags.lags).toEqual([7]);
  });

  it('takes null for what null means, and refuses it elsewhere', () => {
    const content = template({ data: { datasetVersion: 4 } });
    const { parameters, origins } = resolveTemplate(content, { data: { datasetVersion: null } }, LIMITS);
    expect([parameters.data.datasetVersion, origins['data.datasetVersion']]).toEqual([null, 'override']);
    expect(failure(content, { windows: { horizon: null } }).message).toBe(
      'windows.horizon: horizon must be an integer number',
    );
  });

  it('keeps the defaults that a version was saved with', () => {
    const content = template({});
    const saved = {
      ...content,
      parameters: {
        ...content.parameters,
        windows: { lookBack: 99, horizon: 1, stride: 2, evaluationStride: 3, halfLife: 40 },
      },
    };
    const { parameters, origins } = resolveTemplate(saved, { windows: { horizon: 5 } }, LIMITS);
    expect(parameters.windows).toEqual({ lookBack: 99, horizon: 5, stride: 2, evaluationStride: 3, halfLife: 40 });
    expect(origins['windows.lookBack']).toBe('default');
  });

  it('drops fields of old versions that have lost their meaning', () => {
    const content = template({});
    const arima = { enabled: true, assets: 'all', order: [2, 1, 0], trainShare: 0.8 };
    const saved = { ...content, parameters: { ...content.parameters, features: { arima } } } as never;
    const { parameters } = resolveTemplate(saved, {}, LIMITS);
    expect(parameters.features.arima).toMatchObject({ enabled: true, order: [2, 1, 0], minimumRows: 60 });
    expect(parameters.features.arima).not.toHaveProperty('trainShare');
  });

  it('checks overrides as if they stood in the template', () => {
    const content = template({ data: { start: '2019-01-01' } });
    expect(failure(content, { data: { end: '2018-01-01' } }).code).toBe('RANGE_INVERTED');
    expect(failure(content, { windows: { horizon: 1_001 } }).code).toBe('LIMIT_EXCEEDED');
    expect(failure(content, { algorithm: { name: 'oracle' } }).code).toBe('ALGORITHM_UNKNOWN');
    expect(failure(content, { windows: 5 }).details.errors).toEqual([
      { path: 'windows', value: 5, message: 'must be an object of fields' },
    ]);
    expect(failure(content, [1]).message).toBe('overrides: must be an object of fields');
  });

  it('refuses what is nested too deep to be walked', () => {
    const deep = JSON.parse(`{"windows":{"horizon":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`) as unknown;
    expect(failure(template({}), deep).message).toBe(
      'The data is nested more than 64 levels deep, which no request needs: flatten it',
    );
  });

  it('warns where features would be computed for an algorithm that reads none', () => {
    const { warnings } = resolveTemplate(template({}), { features: { calendar: { enabled: true } } }, LIMITS);
    expect(warnings).toEqual([
      'seasonal-naive reads the series of the targets only: features.calendar will be computed and not used',
    ]);
  });
});

describe('an override that names no field', () => {
  it.each([
    ['windows.lookback', ['windows.lookBack']],
    ['windows.horizons', ['windows.horizon']],
    ['horizon', ['windows.horizon']],
    ['features.bollinger', ['features.technicalAnalysis.bollinger']],
    ['algorithm.hyperparameters.seasonlength', ['algorithm.hyperparameters.seasonLength']],
  ])('%s is refused, and %j suggested', (path, expected) => {
    const error = failure(template({}), nested(path, 3));
    expect(error.code).toBe('OVERRIDE_UNKNOWN');
    expect(error.details).toMatchObject({ path, value: 3 });
    expect((error.details.closest as string[]).slice(0, 1)).toEqual(expected);
    expect(error.message).toContain(`The override ${path} names no field of a template: did you mean ${expected[0]}`);
  });

  it('is refused without a suggestion when nothing is near', () => {
    const error = failure(template({}), { quantumEntanglement: true });
    expect(error.message).toBe(
      'The override quantumEntanglement names no field of a template: see the fields of a template',
    );
  });

  it('cannot hide under __proto__, nor among the hyperparameters', () => {
    expect(failure(template({}), JSON.parse('{"__proto__":{"x":1}}') as unknown).code).toBe('OVERRIDE_UNKNOWN');
    const hidden = JSON.parse('{"algorithm":{"hyperparameters":{"__proto__":{"seasonLength":5}}}}') as unknown;
    expect(failure(template({}), hidden).details.errors).toEqual([
      expect.objectContaining({ path: 'algorithm.hyperparameters.__proto__' }),
    ]);
    const value = JSON.parse('{"algorithm":{"hyperparameters":{"__proto__":5}}}') as unknown;
    expect(failure(template({}), value).code).toBe('OVERRIDE_UNKNOWN');
  });
});

describe('an override that replaces a choice', () => {
  const other = (declaration: ParameterDeclaration): ParameterValue => {
    switch (declaration.kind) {
      case 'integer':
      case 'number':
        return declaration.default === declaration.minimum ? declaration.maximum : declaration.minimum;
      case 'boolean':
        return !declaration.default;
      case 'choice':
        return declaration.values.find((value) => value !== declaration.default) ?? declaration.default;
      case 'text':
        return [`${declaration.default}_2`, denseTopology(2, 1)].find((text) =>
          new RegExp(declaration.pattern, 'u').test(text),
        )!;
      case 'integers':
      case 'numbers':
        return Array<number>(declaration.minimumLength).fill(declaration.maximum);
    }
  };
  const pairs = ALGORITHMS.flatMap((from) => ALGORITHMS.filter((to) => to !== from).map((to) => [from, to] as const));

  it.each(pairs.map(([from, to]) => [from.name, to.name, from, to] as const))(
    'of %s by %s leaves none of the hyperparameters behind',
    (_from, _to, from, to) => {
      const hyperparameters = Object.fromEntries(
        Object.entries(from.hyperparameters).map(([name, declaration]) => [name, other(declaration)]),
      );
      const task = (of: typeof from) => (supportsTask(of, 'forecast') ? 'forecast' : 'direction');
      const content = template({ task: task(from), algorithm: { name: from.name, hyperparameters } });
      const { parameters, origins } = resolveTemplate(
        content,
        { task: task(to), algorithm: { name: to.name } },
        LIMITS,
      );
      const defaults = Object.entries(to.hyperparameters).map(([name, declaration]) => [name, declaration.default]);
      expect(parameters.algorithm).toEqual({ name: to.name, hyperparameters: Object.fromEntries(defaults) as unknown });
      const paths = Object.keys(origins).filter((path) => path.startsWith('algorithm.hyperparameters.'));
      expect(paths.map((path) => origins[path])).toEqual(paths.map(() => 'default'));
    },
  );

  it('by itself keeps them', () => {
    const content = template({ algorithm: { hyperparameters: { seasonLength: 5 } } });
    const { parameters, origins } = resolveTemplate(content, { algorithm: { name: 'seasonal-naive' } }, LIMITS);
    expect(parameters.algorithm.hyperparameters).toEqual({ seasonLength: 5 });
    expect(origins['algorithm.hyperparameters.seasonLength']).toBe('template');
    expect(origins['algorithm.name']).toBe('override');
  });

  it('checks new hyperparameters against the new algorithm', () => {
    const content = template({ algorithm: { name: 'naive' } });
    const overrides = { algorithm: { name: 'seasonal-naive', hyperparameters: { seasonLength: 12 } } };
    expect(resolveTemplate(content, overrides, LIMITS).parameters.algorithm).toEqual(overrides.algorithm);
    expect(failure(content, { algorithm: { hyperparameters: { seasonLength: 12 } } }).code).toBe('OVERRIDE_UNKNOWN');
  });

  it('of shares by dates drops the shares, and back', () => {
    const dates = { by: 'date', trainEnd: '2018-01-01', validationEnd: '2019-01-01' } as const;
    const shares = template({ split: { validation: 0.3, test: 0.2 } });
    const dated = resolveTemplate(shares, { split: dates }, LIMITS);
    expect(dated.parameters.split).toMatchObject({ ...dates, testEnd: null, validation: 0.15, test: 0.15 });
    expect([dated.origins['split.test'], dated.origins['split.trainEnd']]).toEqual(['default', 'override']);
    const back = resolveTemplate(template({ split: dates }), { split: { by: 'ratio', test: 0.1 } }, LIMITS);
    expect(back.parameters.split).toMatchObject({ by: 'ratio', validation: 0.15, test: 0.1, trainEnd: null });
    expect(back.origins['split.trainEnd']).toBe('default');
  });
});
