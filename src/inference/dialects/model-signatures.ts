import { Injectable } from '@nestjs/common';
import { RegistryService } from '../../registry/index.js';
import type { Endpoint } from '../endpoint.js';
import { signatureOf, type ForecastSignature } from '../forecast-signature.js';

/** Signatures kept; the oldest goes. */
const KEPT = 200;

/** What models take and give, read without loading them: a look at an endpoint does not wake it. */
@Injectable()
export class ModelSignatures {
  /** Model versions are immutable. */
  private readonly known = new Map<string, ForecastSignature>();

  constructor(private readonly registry: RegistryService) {}

  async get({ model, modelVersion }: Pick<Endpoint, 'model' | 'modelVersion'>): Promise<ForecastSignature> {
    const key = `${model}/${modelVersion}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const signature = signatureOf(await this.registry.loadBundle(model, modelVersion));
    this.known.set(key, signature);
    if (this.known.size > KEPT) this.known.delete(this.known.keys().next().value!);
    return signature;
  }
}
