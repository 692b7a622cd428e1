const DAY_MS = 86_400_000;

/**
 * Local clock times of one IANA zone as moments. Clocks that go forward skip local times: those never were, and are NaN.
 * Clocks that go back show local times twice: the first occurrence is meant, unless the row before is not earlier than
 * it; then it is the second. Offsets come from the platform's zone tables and are kept by day.
 */
export class TimeZone {
  /** Local times that were read although the clocks showed them twice. */
  repeated = 0;
  private readonly clock: Intl.DateTimeFormat;
  private readonly days = new Map<number, OffsetsOfDay>();

  constructor(readonly name: string) {
    this.clock = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      hourCycle: 'h23',
    });
  }

  /** `local`: milliseconds since 1970 as the local clock counts them. `after`: the moment of the row before. */
  momentOf(local: number, after: number): number {
    const before = local - this.offsetAt(local - DAY_MS);
    const behind = local - this.offsetAt(local + DAY_MS);
    const isBefore = before + this.offsetAt(before) === local;
    const isBehind = behind + this.offsetAt(behind) === local;
    if (!isBefore && !isBehind) return NaN;
    if (!isBefore || !isBehind) return isBefore ? before : behind;
    if (before === behind) return before;
    this.repeated++;
    const first = Math.min(before, behind);
    return after >= first ? Math.max(before, behind) : first;
  }

  /** Milliseconds that local clocks are ahead of UTC. */
  private offsetAt(moment: number): number {
    const day = Math.floor(moment / DAY_MS);
    let known = this.days.get(day);
    if (known === undefined) {
      known = this.readDay(day * DAY_MS);
      this.days.set(day, known);
    }
    return moment < known.changeAt ? known.offset : known.later;
  }

  private readDay(start: number): OffsetsOfDay {
    const offset = this.readOffset(start);
    const later = this.readOffset(start + DAY_MS);
    if (offset === later) return { offset, changeAt: Infinity, later };
    // To the second: the change lies in (low, high].
    let low = start;
    let high = start + DAY_MS;
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000;
      if (this.readOffset(middle) === offset) low = middle;
      else high = middle;
    }
    return { offset, changeAt: high, later };
  }

  private readOffset(moment: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.clock.formatToParts(moment)) parts[type] = value;
    const year = Number(parts.year) * (parts.era === 'BC' ? -1 : 1) + (parts.era === 'BC' ? 1 : 0);
    const local = new Date(0);
    local.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day));
    local.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second));
    return local.getTime() - Math.floor(moment / 1000) * 1000;
  }
}

interface OffsetsOfDay {
  readonly offset: number;
  /** From here on it is `later`. */
  readonly changeAt: number;
  readonly later: number;
}
