import type { Activation } from './dense-network.js';

/** How the columns that the feature steps made are compressed, every default filled in. Part of a processing plan. */
export interface AutoencoderPlan {
  /** Columns of the code; fewer than the columns that are compressed. */
  readonly units: number;
  /** Units of the layers between the input and the code; the decoder has them in reverse. May be empty. */
  readonly hidden: readonly number[];
  /** Of the hidden layers; code and output are linear. */
  readonly activation: Exclude<Activation, 'linear'>;
  /** True: the series themselves are compressed too. They stay model inputs either way. */
  readonly series: boolean;
  /** True: the codes stand in for the feature columns among the model's inputs; false: they are added to them. */
  readonly replaces: boolean;
  readonly optimizer: 'adam' | 'sgd';
  readonly loss: 'mse' | 'mae';
  readonly epochs: number;
  readonly batchSize: number;
  /** A new seeded order of the rows in each epoch; false: always from the first to the last. */
  readonly shuffle: boolean;
  readonly learningRate: number;
  /** Epochs without improvement before training stops; 0 never stops early. */
  readonly patience: number;
  /** Fall of the loss that counts as improvement. */
  readonly minimumChange: number;
  readonly seed: number;
}

/** `AE_1` … `AE_k`. */
export function codeNames(units: number): string[] {
  return Array.from({ length: units }, (_, at) => `AE_${at + 1}`);
}
