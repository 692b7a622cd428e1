import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IntegerIn, NumberIn, Omissible } from './field-rules.js';

/**
 * Columns `AE_1` … `AE_k`: the columns of the feature steps, compressed by a symmetric dense network that is trained to
 * rebuild them from its narrow middle. It is trained on complete rows of the train part only; the last tenth of them
 * decides when to stop. Its losses are drawn in `autoencoder-loss.png`.
 */
export class AutoencoderParametersDto {
  /** Make these columns. */
  @Omissible()
  @IsBoolean()
  enabled?: boolean = false;

  /** Columns of the code, fewer than those it compresses. Null: a quarter of them, from 1 to 8. */
  @IsOptional()
  @IntegerIn(1, 1_024)
  units?: number | null = null;

  /** Units of the layers between input and code; the decoder has them in reverse. Empty: a linear autoencoder. */
  @Omissible()
  @Max(1_024, { each: true })
  @Min(1, { each: true })
  @IsInt({ each: true })
  @ArrayMaxSize(4)
  @IsArray()
  hidden?: number[] = [16];

  /** What the units of the hidden layers do with their sum; code and output are linear. */
  @Omissible()
  @IsIn(['tanh', 'leaky-relu'])
  activation?: 'tanh' | 'leaky-relu' = 'tanh';

  /** Compress the series of the assets too; they stay model inputs in any case. */
  @Omissible()
  @IsBoolean()
  series?: boolean = false;

  /** True: the codes replace the feature columns as model inputs. False: they are added to them. */
  @Omissible()
  @IsBoolean()
  replaces?: boolean = true;

  /** How its weights are moved along the gradient. */
  @Omissible()
  @IsIn(['adam', 'sgd'])
  optimizer?: 'adam' | 'sgd' = 'adam';

  /** What its training minimises: mean squared or mean absolute error. */
  @Omissible()
  @IsIn(['mse', 'mae'])
  loss?: 'mse' | 'mae' = 'mse';

  /** Passes over the train part, at most. */
  @Omissible()
  @IntegerIn(1, 100_000)
  epochs?: number = 460;

  /** Rows of one gradient step. */
  @Omissible()
  @IntegerIn(1, 65_536)
  batchSize?: number = 256;

  /** Visit the rows in a new, seeded order in each epoch. */
  @Omissible()
  @IsBoolean()
  shuffle?: boolean = false;

  /** Length of a gradient step. */
  @Omissible()
  @NumberIn(1e-7, 10)
  learningRate?: number = 1e-3;

  /** Epochs without improvement on the held-out tail of the train part before training stops; 0 never stops early. */
  @Omissible()
  @IntegerIn(0, 100_000)
  patience?: number = 40;

  /** Fall of the loss that counts as improvement. */
  @Omissible()
  @NumberIn(0, 1)
  minimumChange?: number = 1e-5;
}
