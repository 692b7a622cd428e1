import type { AutoencoderReport } from '../ml/processing/fit-autoencoder.js';
import type { LogLine } from './training-log.js';

export function describeAutoencoder(report: AutoencoderReport): LogLine[] {
  const { fittedRows, heldOutRows, trainRows, widths, epochs, bestEpoch, plannedEpochs, reconstruction } = report;
  const complete = fittedRows + heldOutRows;
  const best = epochs.find(({ epoch }) => epoch === bestEpoch);
  const heldOut = best?.validationLoss == null ? '' : `, on the held-out rows ${short(best.validationLoss)}`;
  const loss = best === undefined ? 'no epoch ended' : `${report.loss} ${short(best.loss)}${heldOut}`;
  const later = reconstruction.later === null ? 'none' : short(reconstruction.later);
  const lines: LogLine[] = [
    {
      level: 'info',
      message: `Autoencoder: ${widths[0]!} columns → ${widths.slice(1).join(' → ')}, trained on ${fittedRows} of the ${trainRows} rows of the train part (${trainRows - complete} lack a value); its last ${heldOutRows} decide when to stop`,
    },
    {
      level: 'info',
      message: `Autoencoder: ${epochs.length} of ${plannedEpochs} epochs, weights of epoch ${bestEpoch} kept: ${loss}. Error of rebuilding a column, in its standard deviations: ${short(reconstruction.train)} on the train part, ${later} on later rows, which it was not trained on`,
    },
  ];
  if (report.stopReason === 'early-stopping') {
    lines.push({ level: 'info', message: 'Autoencoder: stopped early, its loss no longer fell' });
  }
  if (report.stopReason === 'budget') {
    lines.push({
      level: 'warn',
      message: 'Autoencoder: stopped by the runtime budget; its best weights so far are used',
    });
  }
  return lines;
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
