import { ApiProperty } from '@nestjs/swagger';
import { DIRECTIONS, type Direction } from '../../ml/windows/direction-labels.js';
import { ENDPOINT_STAGES, ENDPOINT_STATUSES, type EndpointStage, type EndpointStatus } from '../endpoint.js';

/** A version that forecasts the same inputs and answers nobody. */
export class ShadowAnswer {
  modelVersion!: number;
  /** The alias it follows; null: none. */
  alias!: string | null;
}

/** A version that answers its share of the requests. */
export class VariantAnswer extends ShadowAnswer {
  name!: string;
  /** Its share is weight / sum of the weights. */
  weight!: number;
}

/** How often the shadow forecast since this process began. */
export class ShadowCountsAnswer {
  /** Stored. */
  forecasts!: number;
  /** Left out because the endpoint, or the shadow itself, was busy. */
  dropped!: number;
  /** Of any variant's requests: the shadow's model could not forecast them. */
  failed!: number;
  lastError!: string | null;
}

/** Who deleted an endpoint, and when. */
export class DeletionAnswer {
  by!: string;
  at!: string;
}

/** A named deployment of versions of one model. */
export class EndpointAnswer {
  name!: string;
  model!: string;
  /** Of the first variant. */
  modelVersion!: number;
  /** The alias that the first variant follows; null: none. */
  alias!: string | null;
  /** One, `AllTraffic`, unless several share the requests. */
  @ApiProperty({ type: VariantAnswer, isArray: true })
  variants!: VariantAnswer[];
  @ApiProperty({ type: ShadowAnswer, nullable: true })
  shadow!: ShadowAnswer | null;
  /** `production` takes approved versions only. */
  @ApiProperty({ enum: ENDPOINT_STAGES })
  stage!: EndpointStage;
  /** `Idle` was reaped and wakes on the next forecast. */
  @ApiProperty({ enum: ENDPOINT_STATUSES })
  status!: EndpointStatus;
  /** Idle time after which it is reaped, in milliseconds; null for the installation's. */
  idleMs!: number | null;
  /** Never reaped, and loaded when the service starts. */
  keepWarm!: boolean;
  /** Share of the predictions that is stored, 0…1. */
  storedShare!: number;
  createdBy!: string;
  createdAt!: string;
  /** Last forecast, or the creation. */
  lastUsedAt!: string;
  /** While it is `Deleting`; null otherwise. */
  @ApiProperty({ type: DeletionAnswer, nullable: true })
  deletion!: DeletionAnswer | null;
  /** Counts the writes. */
  version!: number;
}

/** One page of endpoints, newest first. */
export class EndpointPage {
  items!: EndpointAnswer[];
  /** For the next page; null on the last. */
  cursor!: string | null;
}

/** Where values will lie with a probability, original units, one a step. */
export class AssetIntervalAnswer {
  /** That probability, 0…1; the ends are the quantiles (1 − coverage) / 2 and (1 + coverage) / 2. */
  coverage!: number;
  lower!: number[];
  upper!: number[];
}

/** One a step; the three of a step sum to 1. */
export class DirectionProbabilitiesAnswer {
  down!: number[];
  flat!: number[];
  up!: number[];
}

/** One quantile of a forecast. */
export class QuantileAnswer {
  /** As it was asked for. */
  level!: number;
  /** Original units, one a step. */
  values!: number[];
}

/** The forecast of one asset. */
export class AssetForecastAnswer {
  asset!: string;
  /** ISO 8601, one a step; they follow the data's own calendar. */
  times!: string[];
  /** Original units, one a step; absent where the model tells directions. */
  mean?: number[];
  /** Of the change from the last known row; only where the model tells directions. */
  probabilities?: DirectionProbabilitiesAnswer;
  /** The most probable direction, one a step; with `probabilities`. */
  @ApiProperty({ enum: DIRECTIONS, isArray: true, required: false })
  direction?: Direction[];
  /** Largest change from the last known row that counts as flat, original units, one a step; with `probabilities`. */
  flatWithin?: number[];
  /** Probability that the row will have no value, one a step; null where the model has no gap classifier. */
  @ApiProperty({ type: [Number], nullable: true })
  gapProbability!: number[] | null;
  /** By ascending coverage, as the template's `evaluation.intervals` says; empty for models without intervals. */
  intervals!: AssetIntervalAnswer[];
  /** In the order they were asked for; absent where none were, and where predictions are listed. */
  quantiles?: QuantileAnswer[];
}

/** What a forecast knew of its own rows, in original units. */
export class KnownFutureRowsAnswer {
  times!: string[];
  /** By known-future asset, one value a time as it was given; null where it was imputed. */
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'number', nullable: true } },
  })
  series!: Record<string, (number | null)[]>;
}

/** The rows a forecast was made from, in original units. */
export class PredictionWindowAnswer {
  /** The dataset version of the newest rows; null for a window of the caller's. */
  datasetVersion!: number | null;
  times!: string[];
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'number', nullable: true } },
  })
  series!: Record<string, (number | null)[]>;
  /** What was known of the forecast rows; absent where the model knows no asset in advance. */
  future?: KnownFutureRowsAnswer;
}

/** One stored inference. */
export class PredictionAnswer {
  predictionId!: string;
  endpoint!: string;
  model!: string;
  modelVersion!: number;
  /** Name of the variant that answered; null for the shadow. */
  variant!: string | null;
  /** Of the shadow: the prediction that was answered in its place. */
  shadowOf?: string;
  /** False where the endpoint's `storedShare` left it out: nothing of it is kept. */
  stored?: false;
  createdAt!: string;
  requestedBy!: string;
  /** The caller's own name for the request; absent where it gave none. */
  inferenceId?: string;
  /** Time of the last input row. */
  origin!: string;
  window!: PredictionWindowAnswer;
  forecasts!: AssetForecastAnswer[];
  /** From the request to the forecast, a wake-up included. */
  latencyMs!: number;
}

/** One page of predictions, newest first. */
export class PredictionPage {
  items!: PredictionAnswer[];
  /** For the next page; null on the last. */
  cursor!: string | null;
}
