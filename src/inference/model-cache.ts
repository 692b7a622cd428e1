import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { RegistryService } from '../registry/index.js';
import type { Endpoint } from './endpoint.js';
import { LoadedModel } from './loaded-model.js';

/** The models of endpoints in service. Callers that come while one loads wait for the same load. */
@Injectable()
export class ModelCache implements OnApplicationShutdown {
  private readonly models = new Map<string, Promise<LoadedModel>>();

  constructor(private readonly registry: RegistryService) {}

  has(endpoint: string): boolean {
    return this.models.has(endpoint);
  }

  get({ name, model, modelVersion }: Endpoint): Promise<LoadedModel> {
    const known = this.models.get(name);
    if (known) return known;
    const loading = this.registry.loadBundle(model, modelVersion).then((bundle) => LoadedModel.load(bundle));
    this.models.set(name, loading);
    // A load that failed must not answer for all later ones.
    loading.catch(() => {
      if (this.models.get(name) === loading) this.models.delete(name);
    });
    return loading;
  }

  async unload(endpoint: string): Promise<void> {
    const known = this.models.get(endpoint);
    if (!known) return;
    this.models.delete(endpoint);
    const model = await known.catch(() => null);
    model?.dispose();
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.models.keys()].map((name) => this.unload(name)));
  }
}
