import { Injectable } from '@nestjs/common';
import { DatasetsService } from '../../datasets/index.js';
import { timesUpTo } from '../../ml/calendar/previous-time.js';
import { invalid, type ForecastInput } from '../forecast-input.js';
import type { ForecastSignature } from '../forecast-signature.js';
import { isoTextOf } from '../iso-times.js';
import { inputOfRows, rowsOfSeries, type SentRows } from './sent-rows.js';

/** Makes what a forecast is made from of the rows that dialects bring. */
@Injectable()
export class RowTimes {
  constructor(private readonly datasets: DatasetsService) {}

  /** Rows without times are the newest ones: their last is that of the newest row of the model's dataset. */
  async inputOf(sent: SentRows, signature: ForecastSignature, inferenceId: string | undefined): Promise<ForecastInput> {
    const times = sent.times ?? (await this.newest(signature, rowsOfSeries(sent, signature)));
    return { ...inputOfRows({ ...sent, times }, signature), ...(inferenceId === undefined ? {} : { inferenceId }) };
  }

  private async newest(signature: ForecastSignature, rows: number): Promise<string[]> {
    if (signature.knownFuture.length > 0) {
      throw invalid(
        `The model knows ${signature.knownFuture.join(', ')} in advance, so it matters when each row was: send their times`,
        { knownFuture: signature.knownFuture },
      );
    }
    const { assets } = await this.datasets.getVersion(signature.datasetId, null);
    const ends = assets.filter(({ id }) => signature.assets.includes(id)).map(({ end }) => end);
    const times = timesUpTo(signature.calendar, Math.max(...ends), rows);
    return Array.from(times, isoTextOf);
  }
}
