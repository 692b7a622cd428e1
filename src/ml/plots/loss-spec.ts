import type { EpochRecord } from '../algorithms/algorithm.js';
import { VALUE_LABEL } from './axes.js';
import { COLOURS, CONFIG, SCHEMA, type ChartSpec } from './theme.js';

/** What a loss picture shows. */
export interface LossPicture {
  /** The algorithm's title. */
  readonly algorithm: string;
  readonly epochs: readonly Pick<EpochRecord, 'epoch' | 'loss' | 'validationLoss'>[];
  /** Epoch whose weights were kept, from 1. */
  readonly bestEpoch: number | null;
  /** What the loss is, `mean squared error` unless given. */
  readonly measure?: string;
  /** Whether it is in the scaled units of the targets, as it is unless given. */
  readonly isScaled?: boolean;
  /** What the second curve is, `validation loss` unless given. */
  readonly validationName?: string;
}

const WIDTH = 1_440;
const HEIGHT = 700;
/** A curve that falls further than this is flat at its end on a linear axis. */
const LOGARITHMIC_FROM_RATIO = 20;
const TRAINING = 'training loss';

/** Loss over epochs, scaled units, with the epoch that was kept; logarithmic where losses differ by more than 20×. */
export function lossSpec(picture: LossPicture): ChartSpec {
  const { algorithm, epochs, bestEpoch, measure = 'mean squared error', isScaled = true } = picture;
  const { validationName = 'validation loss' } = picture;
  const values = epochs.flatMap(({ epoch, loss, validationLoss }) => [
    { epoch, loss, name: TRAINING },
    ...(validationLoss === null ? [] : [{ epoch, loss: validationLoss, name: validationName }]),
  ]);
  const losses = values.map(({ loss }) => loss);
  const isLogarithmic = Math.min(...losses) > 0 && Math.max(...losses) > LOGARITHMIC_FROM_RATIO * Math.min(...losses);
  const hasValidation = values.some(({ name }) => name === validationName);
  const names = hasValidation ? [TRAINING, validationName] : [TRAINING];
  const kept = bestEpoch === null ? '' : `; the dotted line marks epoch ${bestEpoch}, whose weights were kept`;
  return {
    $schema: SCHEMA,
    title: {
      text: `${algorithm}: loss by epoch`,
      subtitle: [`${epochs.length} ${epochs.length === 1 ? 'epoch' : 'epochs'}${kept}`],
    },
    config: CONFIG,
    padding: 20,
    width: WIDTH,
    height: HEIGHT,
    layer: [
      ...(bestEpoch === null
        ? []
        : [
            {
              data: { values: [{ epoch: bestEpoch }] },
              mark: { type: 'rule' as const, color: COLOURS.faint, strokeDash: [3, 4] },
              encoding: { x: { field: 'epoch', type: 'quantitative' as const } },
            },
          ]),
      {
        data: { values },
        // Few epochs are points that are joined, many are a curve.
        mark: { type: 'line', strokeWidth: 2.2, point: epochs.length <= 50 ? { size: 40 } : false },
        encoding: {
          x: {
            field: 'epoch',
            type: 'quantitative',
            scale: { zero: false, nice: false },
            axis: { title: 'epoch', format: 'd', tickMinStep: 1, tickCount: 12 },
          },
          y: {
            field: 'loss',
            type: 'quantitative',
            scale: isLogarithmic ? { type: 'log', nice: false } : { type: 'linear', zero: false, nice: true },
            axis: { title: isScaled ? `${measure}, scaled units` : measure, labelExpr: VALUE_LABEL },
          },
          color: {
            field: 'name',
            type: 'nominal',
            scale: { domain: names, range: [COLOURS.forecast, COLOURS.validationLoss].slice(0, names.length) },
            legend: { title: null, symbolType: 'stroke' },
          },
        },
      },
    ],
  };
}
