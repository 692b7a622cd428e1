import { openSession, type OnnxEngineName } from './runtime.js';
import { compileSampling, type AutoregressivePlan } from './sampling-graph.js';

/** Values of one call: bounds its memory, and the time in which nothing else can happen. */
const VALUES_AT_ONCE = 2 ** 18;

/** Draws futures of a recurrent network; the futures of an origin depend on its own values alone, bit for bit. */
export interface PathSampler {
  /**
   * `known`, `history` and `covariates` of `origins` origins, see `compileSampling`. Gives [origins, horizon, paths] in
   * blocks of origins, in their order.
   */
  sample(
    known: Float32Array,
    history: Float32Array,
    covariates: Float32Array,
    origins: number,
    take: (paths: Float32Array, firstOrigin: number, count: number) => void,
  ): Promise<void>;
  dispose(): Promise<void>;
}

export async function openPathSampler(engine: OnnxEngineName, plan: AutoregressivePlan): Promise<PathSampler> {
  const session = await openSession(engine, compileSampling(plan));
  const { horizon, paths, lags, encoded } = plan;
  const width = (lags > 1 ? 2 : 1) + plan.covariates + 1;
  const ahead = plan.covariates + 1;
  const most = Math.max(1, Math.floor(VALUES_AT_ONCE / (horizon * paths)));
  return {
    async sample(known, history, covariates, origins, take) {
      for (let from = 0; from < origins; from += most) {
        const count = Math.min(most, origins - from);
        const part = (values: Float32Array, size: number): Float32Array =>
          values.slice(from * size, (from + count) * size);
        const results = await session.run(
          {
            ...(encoded > 0 && {
              known: session.tensor(part(known, encoded * width), [count, encoded, width]),
            }),
            history: session.tensor(part(history, lags), [count, lags]),
            covariates: session.tensor(part(covariates, horizon * ahead), [count, horizon, ahead]),
          },
          { paths: null },
        );
        take(results['paths']!.data as Float32Array, from, count);
      }
    },
    dispose: () => session.release(),
  };
}
