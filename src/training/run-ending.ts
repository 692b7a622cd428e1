/** Why a run ends before its result. */
export type Ending =
  | { readonly kind: 'cancelled' }
  /** Somebody else runs the execution now, or may: nothing more may be written. */
  | { readonly kind: 'lease-lost'; readonly message: string }
  | { readonly kind: 'shutdown' }
  | { readonly kind: 'failed'; readonly error: Error };

/** Thrown into what a run waits for when it is ended from outside. */
export class RunEnded extends Error {
  override readonly name = 'RunEnded';

  constructor(readonly ending: Ending) {
    super(`the run ended: ${ending.kind}`);
  }
}

/**
 * The one place where a run is ended from outside. The first ending counts, except that a lost lease outranks any
 * other: what follows from the others writes.
 */
export class RunEndings {
  private current: Ending | null = null;
  private readonly rejects = new Set<(error: RunEnded) => void>();

  constructor(private readonly onEnd: (ending: Ending) => void) {}

  get ending(): Ending | null {
    return this.current;
  }

  end(ending: Ending): void {
    if (this.current !== null && ending.kind !== 'lease-lost') return;
    if (this.current?.kind === 'lease-lost') return;
    this.current = ending;
    for (const reject of this.rejects) reject(new RunEnded(ending));
    this.rejects.clear();
    this.onEnd(ending);
  }

  /** Waits for `work`, but no longer than the run lasts. What was begun goes on; its result is dropped. */
  async within<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.current !== null) throw new RunEnded(this.current);
    let reject: (error: RunEnded) => void = () => undefined;
    const ended = new Promise<never>((_, rejectEnded) => {
      reject = rejectEnded;
      this.rejects.add(reject);
    });
    try {
      return await Promise.race([work(), ended]);
    } finally {
      this.rejects.delete(reject);
    }
  }
}
