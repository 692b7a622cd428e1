import { Inject, Injectable } from '@nestjs/common';
import { type Database } from './database.js';
import { DATABASE } from './database-token.js';

/** For the health endpoint. */
@Injectable()
export class DatabaseHealth {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** `STORAGE_UNAVAILABLE` unless the database answers. */
  async ping(): Promise<void> {
    await this.database.ping();
  }
}
