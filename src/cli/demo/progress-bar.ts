import type { ExecutionProgress } from '../../executions/index.js';

const WIDTH = 30;

/** One line: `[██████░░░░]  42 %  training  epoch 9/20  loss 0.2134  validation 0.2310  0:07 left`. */
export function progressLine(progress: ExecutionProgress): string {
  const filled = Math.round((Math.min(100, Math.max(0, progress.percent)) / 100) * WIDTH);
  const parts = [
    `[${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}]`,
    `${progress.percent.toFixed(0).padStart(3)} %`,
    progress.step.padEnd(10),
  ];
  if (progress.epoch !== null && progress.epochs !== null) parts.push(`epoch ${progress.epoch}/${progress.epochs}`);
  if (progress.loss !== null) parts.push(`loss ${progress.loss.toFixed(4)}`);
  if (progress.validationLoss !== null) parts.push(`validation ${progress.validationLoss.toFixed(4)}`);
  if (progress.etaSeconds !== null) parts.push(`${minutes(progress.etaSeconds)} left`);
  return parts.join('  ');
}

function minutes(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** Draws over the last line on a terminal; elsewhere (CI, a file) prints a line now and then. */
export class ProgressBar {
  private lastPercent = -Infinity;
  private drawn = false;

  constructor(private readonly output: NodeJS.WriteStream) {}

  draw(progress: ExecutionProgress): void {
    const line = progressLine(progress);
    if (this.output.isTTY) {
      this.output.write(`\r\u001b[2K  ${line.slice(0, this.output.columns - 3)}`);
      this.drawn = true;
    } else if (progress.percent - this.lastPercent >= 10) {
      this.output.write(`  ${line}\n`);
      this.lastPercent = progress.percent;
    }
  }

  /** Leaves the bar on its line, so that what follows is not drawn over it. */
  end(): void {
    if (this.drawn) this.output.write('\n');
    this.drawn = false;
  }
}
