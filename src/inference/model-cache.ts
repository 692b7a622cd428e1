import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { RegistryService } from '../registry/index.js';
import type { Served } from './endpoint.js';
import { LoadedModel } from './loaded-model.js';

interface Entry {
  readonly loading: Promise<LoadedModel>;
  /** Endpoints that serve it: it goes when none is left. */
  readonly endpoints: Set<string>;
  /** Requests that use it now: it never goes before they have ended. */
  users: number;
  bytes: number;
  /** Counts the uses of all models. */
  usedAt: number;
}

/**
 * Models in memory, one for all endpoints of a version. Callers that come while one loads wait for the same load. When
 * they take more than the limit, those that were not used for longest go; their endpoints stay in service, and load them
 * again with the next request.
 */
@Injectable()
export class ModelCache implements OnApplicationShutdown {
  private readonly entries = new Map<string, Entry>();
  private uses = 0;

  constructor(
    private readonly registry: RegistryService,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
  ) {}

  /** Bytes of the weights in memory. */
  get bytes(): number {
    return [...this.entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Calls `use` with the model, which stays until its promise is settled. */
  async use<Result>(served: Served, use: (model: LoadedModel) => Promise<Result>): Promise<Result> {
    const entry = this.entries.get(keyOf(served)) ?? this.open(served);
    entry.endpoints.add(served.name);
    entry.users += 1;
    this.uses += 1;
    entry.usedAt = this.uses;
    try {
      return await use(await entry.loading);
    } finally {
      entry.users -= 1;
      this.tidy();
    }
  }

  /** Endpoints that hold a version. */
  endpoints(): Set<string> {
    return new Set([...this.entries.values()].flatMap(({ endpoints }) => [...endpoints]));
  }

  /** Whether the endpoint holds any version. */
  holds(endpoint: string): boolean {
    return this.holdsOthers(endpoint, []);
  }

  /** Whether it holds versions besides these: during an update, or after a request that came late. */
  holdsOthers(endpoint: string, than: readonly Served[]): boolean {
    const keys = new Set(than.map(keyOf));
    return [...this.entries].some(([key, { endpoints }]) => endpoints.has(endpoint) && !keys.has(key));
  }

  /** The endpoint no longer serves any version but these. */
  release(endpoint: string, kept: readonly Served[]): void {
    const keys = new Set(kept.map(keyOf));
    for (const [key, entry] of this.entries) if (!keys.has(key)) entry.endpoints.delete(endpoint);
    this.tidy();
  }

  async onApplicationShutdown(): Promise<void> {
    const entries = [...this.entries.values()];
    this.entries.clear();
    for (const { loading } of entries) (await loading.catch(() => null))?.dispose();
  }

  private open({ model, modelVersion, name }: Served): Entry {
    const key = keyOf({ model, modelVersion, name });
    const loading = this.registry.loadBundle(model, modelVersion).then((bundle) => LoadedModel.load(bundle));
    const entry: Entry = { loading, endpoints: new Set(), users: 0, bytes: 0, usedAt: 0 };
    this.entries.set(key, entry);
    loading.then(
      (loaded) => {
        entry.bytes = loaded.bytes;
        this.tidy();
      },
      () => {
        // A load that failed must not answer for all later ones.
        if (this.entries.get(key) === entry) this.entries.delete(key);
      },
    );
    return entry;
  }

  private tidy(): void {
    const unused = [...this.entries].filter(([, { users }]) => users === 0);
    const left: [string, Entry][] = [];
    for (const [key, entry] of unused) {
      if (entry.endpoints.size === 0) this.drop(key, entry);
      else left.push([key, entry]);
    }
    left.sort(([, one], [, other]) => one.usedAt - other.usedAt);
    // The newest stays even when it alone is over the limit: it is what was just asked for.
    for (const [key, entry] of left.slice(0, -1)) {
      if (this.bytes <= this.config.endpoints.memoryBytes) break;
      this.drop(key, entry);
    }
  }

  private drop(key: string, { loading }: Entry): void {
    this.entries.delete(key);
    loading.then(
      (model) => model.dispose(),
      () => undefined,
    );
  }
}

const keyOf = ({ model, modelVersion }: Served): string => `${model}/${modelVersion}`;
