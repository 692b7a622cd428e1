import { Injectable } from '@nestjs/common';

/** Changes to one dataset in this process go one after the other; those of other processes meet in conditional writes. */
@Injectable()
export class ExclusiveWork {
  private readonly tails = new Map<string, Promise<unknown>>();

  async run<T>(datasetId: string, work: () => Promise<T>): Promise<T> {
    const before = this.tails.get(datasetId) ?? Promise.resolve();
    const mine = before.then(work, work);
    const tail = mine.then(
      () => undefined,
      () => undefined,
    );
    this.tails.set(datasetId, tail);
    try {
      return await mine;
    } finally {
      if (this.tails.get(datasetId) === tail) this.tails.delete(datasetId);
    }
  }
}
