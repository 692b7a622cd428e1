import type { NetworkArchitecture, NetworkLayer, NetworkWeights } from '../../engine/network.js';
import { outputsPerTarget, type LossSpecification } from '../../engine/training-setup.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import { instanceFrame } from './instance-frame.js';
import { lastValueFrame, type Frame } from './last-value-frame.js';
import type { NetworkCore } from './network-core.js';
import type { PreparedLayout } from './sample-layout.js';

/** A network with the weights that are not drawn: of layers that are not trained, and start values of others. */
export interface PreparedNetwork {
  readonly architecture: NetworkArchitecture;
  readonly fixed: NetworkWeights;
}

export interface FramedNetwork {
  readonly name: string;
  readonly data: WindowedData;
  readonly prepared: PreparedLayout;
  readonly loss: LossSpecification;
  readonly normalisation: string;
}

/** Without normalisation the core stands alone. */
const PLAIN: Frame = { before: [], window: 'window', after: () => [], fixed: {} };

const FRAMES: Readonly<Record<string, typeof lastValueFrame>> = {
  'last-value': lastValueFrame,
  instance: instanceFrame,
};

/**
 * The whole network around a core: normalisation before and after it and, where covariates are known in advance, a
 * second input that corrects each step. `core` is told the name and the width of the window it reads.
 */
export function frameNetwork(
  { name, data, prepared, loss, normalisation }: FramedNetwork,
  core: (window: string, width: number) => NetworkCore,
): PreparedNetwork {
  const { lookBack, horizon } = data;
  const { parts, known, targets } = prepared.layout;
  const width = parts[0]!.columns.length + known;
  const frame = FRAMES[normalisation]?.(data, prepared, loss) ?? PLAIN;
  const { layers: own, fixed = {}, start = {} } = core(frame.window, width);
  const [first, ...others] = own;
  const inner = [
    { ...first!, from: first!.from ?? [frame.window] },
    ...others,
    ...(known > 0 ? covariateLayers(own[own.length - 1]!.name, targets * outputsPerTarget(loss)) : []),
  ];
  const layers = [...frame.before, ...inner, ...frame.after(inner[inner.length - 1]!.name)];
  return {
    architecture: {
      name,
      inputs: [
        { name: 'window', shape: [lookBack, width] },
        ...(known > 0 ? [{ name: 'future', shape: [horizon, known] }] : []),
      ],
      layers,
      outputs: [layers[layers.length - 1]!.name],
    },
    fixed: { ...frame.fixed, ...fixed, ...start },
  };
}

/** Hidden units of the correction. */
const COVARIATE_UNITS = 32;

/**
 * What the covariates of a step do to its forecast, which the core gave without them: one small network, the same for
 * every step, over both. A step is changed by its own covariates alone.
 * Source: the temporal decoder of TiDE, Das et al., Long-term Forecasting with TiDE, TMLR 2023.
 */
function covariateLayers(steps: string, outputs: number): NetworkLayer[] {
  return [
    { type: 'Concatenate', name: 'steps_and_future', config: {}, from: [steps, 'future'] },
    { type: 'Dense', name: 'future_hidden', config: { units: COVARIATE_UNITS, activation: 'relu' } },
    { type: 'Dense', name: 'future_effect', config: { units: outputs } },
    { type: 'Add', name: 'known_steps', config: {}, from: [steps, 'future_effect'] },
  ];
}
