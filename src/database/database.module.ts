import { Global, Inject, Injectable, Logger, Module } from '@nestjs/common';
import type { DynamicModule, OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { openDatabase, type Database } from './database.js';
import { DatabaseHealth } from './database-health.js';
import { DATABASE } from './database-token.js';
import type { AnyTableDefinition } from './item-codec.js';
import type { Table, TableDefinition } from './table.js';

/** Ends the connection and the embedded server; as a global module's hook it runs after those of all features. */
@Injectable()
class DatabaseShutdown implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}

/** The database of the whole service; a feature asks for its tables with `forFeature` and injects them. */
@Global()
@Module({
  providers: [
    {
      provide: DATABASE,
      inject: [CONFIG],
      useFactory: async (config: TrainyardConfig): Promise<Database> => {
        const logger = new Logger('Database');
        return openDatabase(config, (level, message) => logger[level](message));
      },
    },
    DatabaseHealth,
    DatabaseShutdown,
  ],
  exports: [DATABASE, DatabaseHealth],
})
export class DatabaseModule {
  /** Provides a `Table` per definition; the tables exist before anything that injects them is made. */
  static forFeature(definitions: readonly AnyTableDefinition[]): DynamicModule {
    const providers = definitions.map((definition) => ({
      provide: tableToken(definition),
      inject: [DATABASE],
      useFactory: async (database: Database): Promise<Table<object>> => {
        await database.ensureTables([definition]);
        return database.table(definition as unknown as TableDefinition<object>);
      },
    }));
    return { module: DatabaseFeatureModule, providers, exports: providers.map(({ provide }) => provide) };
  }
}

@Module({})
class DatabaseFeatureModule {}

function tableToken({ name }: { readonly name: string }): string {
  return `Table(${name})`;
}

/** Injects the `Table` of a definition that the module named in `DatabaseModule.forFeature`. */
export function InjectTable(definition: { readonly name: string }): ParameterDecorator {
  return Inject(tableToken(definition));
}
