import { Injectable } from '@nestjs/common';

/** Each import holds its numbers in memory until they are stored: more than two at once wait, and so do their clients. */
const IMPORTS_AT_ONCE = 2;

@Injectable()
export class ImportSlots {
  private free = IMPORTS_AT_ONCE;
  private readonly waiting: (() => void)[] = [];

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}
