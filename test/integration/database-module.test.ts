import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Inject, Injectable, Module } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { ConfigModule, CONFIG, readConfig } from '#src/common/config/index.js';
import { DatabaseHealth, DatabaseModule, InjectTable } from '#src/database/index.js';
import type { Table, TableDefinition } from '#src/database/index.js';

interface Note {
  id: string;
  text: string;
}
const NOTE: TableDefinition<Note> = {
  name: 'module-note',
  partitionKey: 'id',
  attributes: { id: 'string', text: 'string' },
};

const written: string[] = [];

@Injectable()
class Notes implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  constructor(
    @InjectTable(NOTE) readonly table: Table<Note>,
    @Inject(CONFIG) readonly config: object,
  ) {}
  private async write(id: string): Promise<void> {
    await this.table.put({ id, text: id });
    written.push(id);
  }
  async onModuleInit(): Promise<void> {
    await this.write('init');
  }
  async onModuleDestroy(): Promise<void> {
    await this.write('destroy');
  }
  async onApplicationShutdown(): Promise<void> {
    await this.write('shutdown');
  }
}

@Module({ imports: [DatabaseModule.forFeature([NOTE])], providers: [Notes] })
class NotesModule {}

describe('DatabaseModule', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'trainyard-module-'));
  });
  afterAll(async () => rm(dataDir, { recursive: true, force: true }));

  const start = async () =>
    Test.createTestingModule({ imports: [ConfigModule, DatabaseModule, NotesModule] })
      .overrideProvider(CONFIG)
      .useValue(readConfig({ TRAINYARD_DATA_DIR: dataDir }, 1))
      .compile();

  it('has the tables before a feature starts, and closes after the last of it has stopped', async () => {
    const app = await start();
    await app.init();
    await expect(app.get(DatabaseHealth).ping()).resolves.toBeUndefined();
    await app.close();
    expect(written).toEqual(['init', 'destroy', 'shutdown']);
    await expect(app.get(DatabaseHealth).ping()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });

  it('keeps what was written until the next start', async () => {
    const app = await start();
    const { table } = app.get(Notes);
    expect(await table.find({ id: 'shutdown' })).toEqual({ id: 'shutdown', text: 'shutdown', version: 1 });
    await app.close();
  });
});
