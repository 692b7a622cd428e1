import { initialWeights } from '#src/ml/engine/initial-weights.js';
import { networkGraph } from '#src/ml/engine/network-graph.js';
import { openSampler } from '#src/ml/engine/open-engine.js';
import { createRandom } from '#src/ml/engine/random.js';

const units = 3;
const lags = 2;
const [encoded, horizon, paths, covariates] = [4, 3, 5, 1];
const width = 2 + covariates;

function plan(distribution: 'gaussian' | 'student-t', drawsChange: boolean) {
  const network = networkGraph({
    name: 'net',
    inputs: [{ name: 'steps', shape: [encoded + horizon, width] }],
    layers: [
      { type: 'LSTM', name: 'a', config: { units, return_sequences: true } },
      { type: 'Dropout', name: 'dropped', config: { rate: 0.5 } },
      { type: 'LSTM', name: 'b', config: { units, return_sequences: true } },
      { type: 'Dense', name: 'head', config: { units: distribution === 'gaussian' ? 2 : 3 } },
    ],
    outputs: ['head'],
  });
  const random = createRandom(8);
  const noise = (distribution === 'gaussian' ? ['z'] : ['u', 'v']).map((name) =>
    Float32Array.from({ length: horizon * paths }, () =>
      name === 'u' ? -2 * Math.log(random.uniform()) : random.normal() / 3,
    ),
  );
  const weights = initialWeights(network, random);
  return { network, weights, distribution, drawsChange, lags, covariates, encoded, horizon, paths, noise };
}

type Plan = ReturnType<typeof plan>;

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
const softplus = (value: number): number => Math.log1p(Math.exp(value));

/** One path in double precision, straight from the formulas. */
function pathByHand({ weights, distribution, drawsChange, noise }: Plan, path: number, given: Given): number[] {
  const states = ['a', 'b'].map(() => ({ h: [0, 0, 0], c: [0, 0, 0] }));
  const advance = (input: readonly number[]): number[] => {
    let x = input;
    ['a', 'b'].forEach((name, n) => {
      const layer = weights[name]!;
      const z = Array.from({ length: 4 * units }, (_, gate) => {
        let sum = layer['bias']!.data[gate]!;
        x.forEach((value, w) => (sum += value * layer['kernel']!.data[w * 4 * units + gate]!));
        states[n]!.h.forEach((value, u) => (sum += value * layer['recurrent_kernel']!.data[u * 4 * units + gate]!));
        return sum;
      });
      states[n]!.c = states[n]!.c.map(
        (cell, u) => sigmoid(z[units + u]!) * cell + sigmoid(z[u]!) * Math.tanh(z[2 * units + u]!),
      );
      states[n]!.h = states[n]!.c.map((cell, u) => sigmoid(z[3 * units + u]!) * Math.tanh(cell));
      x = states[n]!.h;
    });
    const { kernel, bias } = weights['head']!;
    const values = bias!.data.length;
    return Array.from(bias!.data, (start, n) =>
      x.reduce((sum, value, u) => sum + value * kernel!.data[u * values + n]!, start),
    );
  };
  for (let row = 0; row < encoded; row++)
    advance([...given.known.subarray(row * (width + 1), row * (width + 1) + width)]);
  const history = [...given.history];
  return Array.from({ length: horizon }, (_, h) => {
    const [location, scale, freedom] = advance([history.at(-1)!, history.at(-lags)!, given.covariates[2 * h]!]);
    const at = h * paths + path;
    const nu = softplus(freedom ?? 0) + 2;
    const drawn =
      distribution === 'gaussian'
        ? noise[0]![at]!
        : Math.sqrt(nu * (Math.exp(noise[0]![at]! / nu) - 1)) * noise[1]![at]!;
    const value = (drawsChange ? history.at(-1)! : 0) + location! + (softplus(scale!) + 1e-6) * drawn;
    history.push(value);
    return value;
  });
}

interface Given {
  readonly known: Float32Array;
  readonly history: Float32Array;
  readonly covariates: Float32Array;
}

function givenOf(origins: number): Given {
  const random = createRandom(21);
  const drawn = (rows: number, columns: number): Float32Array =>
    Float32Array.from({ length: rows * columns }, (_, at) => (at % columns === columns - 1 ? 1 : random.normal()));
  return {
    known: drawn(origins * encoded, width + 1),
    history: Float32Array.from({ length: origins * lags }, () => random.normal()),
    covariates: drawn(origins * horizon, covariates + 1),
  };
}

test.each([
  ['gaussian', false],
  ['student-t', true],
] as const)(
  'futures of a %s network are those of its formulas; drawn as changes: %s',
  async (distribution, drawsChange) => {
    const made = plan(distribution, drawsChange);
    const sampler = await openSampler(made);
    const origins = 3;
    const given = givenOf(origins);
    const found = new Float32Array(origins * horizon * paths);
    await sampler.sample(given.known, given.history, given.covariates, origins, (drawn, first) =>
      found.set(drawn, first * horizon * paths),
    );
    const of = (origin: number): Given => ({
      known: given.known.slice(origin * encoded * (width + 1), (origin + 1) * encoded * (width + 1)),
      history: given.history.slice(origin * lags, (origin + 1) * lags),
      covariates: given.covariates.slice(origin * horizon * 2, (origin + 1) * horizon * 2),
    });
    for (let origin = 0; origin < origins; origin++) {
      for (let path = 0; path < paths; path++) {
        pathByHand(made, path, of(origin)).forEach((value, h) => {
          expect(found[(origin * horizon + h) * paths + path]).toBeCloseTo(value, 5);
        });
      }
    }
    const { known, history, covariates: ahead } = of(2);
    await sampler.sample(known, history, ahead, 1, (alone) => {
      expect(alone).toEqual(found.slice(2 * horizon * paths));
    });
    await sampler.dispose();
  },
);
