import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { isTrainyardError } from '../common/errors/index.js';
import { InjectTable } from './database.module.js';
import { LEASE_TABLE, type LeaseItem } from './lease.entity.js';
import type { Stored, Table } from './table.js';

/** Renewed after this part of its time: one renewal may fail and the next is still early enough. */
const RENEW_AFTER = 1 / 3;

/**
 * Leases on work that one process at a time should do. A lease expires by the clock, so that the work of a process that
 * died is taken over. A holder that stops for longer than that (a paused machine) does not notice until it renews: what
 * must never be done twice needs conditional writes of its own.
 */
@Injectable()
export class Leases {
  constructor(
    @InjectTable(LEASE_TABLE) private readonly table: Table<LeaseItem>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Null when somebody else holds it, or was faster. */
  async acquire(lease: string, owner: string, durationMs: number): Promise<Lease | null> {
    const current = await this.table.find({ lease });
    const now = this.clock.now();
    if (current !== null && current.owner !== owner && current.expiresAt > now) return null;
    const expiresAt = now + durationMs;
    try {
      const item = await (current === null
        ? this.table.create({ lease, owner, expiresAt })
        : this.table.update(current, { owner, expiresAt }));
      return new Lease(this.table, this.clock, durationMs, item);
    } catch (error) {
      if (isTrainyardError(error, 'CONFLICT')) return null;
      throw error;
    }
  }
}

/** A lease that is held, until it expires. */
export class Lease {
  constructor(
    private readonly table: Table<LeaseItem>,
    private readonly clock: Clock,
    private readonly durationMs: number,
    private item: Stored<LeaseItem>,
  ) {}

  /** To be called again and again during the work; false when somebody else has taken over. */
  async renew(): Promise<boolean> {
    const now = this.clock.now();
    if (now < this.item.expiresAt - this.durationMs * (1 - RENEW_AFTER)) return true;
    return this.write(now + this.durationMs);
  }

  async release(): Promise<void> {
    await this.write(0);
  }

  private async write(expiresAt: number): Promise<boolean> {
    try {
      this.item = await this.table.update(this.item, { expiresAt });
      return true;
    } catch (error) {
      if (isTrainyardError(error, 'CONFLICT')) return false;
      throw error;
    }
  }
}
