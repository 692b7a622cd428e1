import { Injectable } from '@nestjs/common';
import { TrainyardError } from '../common/errors/index.js';
import { RegistryService } from '../registry/index.js';
import { ALL_TRAFFIC, type Endpoint, type Shadow, type Variant } from './endpoint.js';

/** A version by its number, or that of an alias, which is then followed; of both the number counts; of none the newest. */
export interface VersionWish {
  readonly version?: number;
  readonly alias?: string;
}

export interface VariantRequest extends VersionWish {
  readonly name: string;
  readonly weight: number;
}

/** Undefined leaves what there is; an alias of null ends following. */
export interface DeploymentRequest {
  readonly model?: string;
  readonly version?: number;
  readonly alias?: string | null;
  /** Instead of `version` and `alias`. */
  readonly variants?: readonly VariantRequest[];
  readonly shadow?: VersionWish | null;
}

/** What an endpoint serves. */
export type Deployment = Pick<Endpoint, 'model' | 'variants' | 'shadow'>;

/** Turns what a request names into versions that exist. */
@Injectable()
export class DeploymentPlan {
  constructor(private readonly registry: RegistryService) {}

  /** `seen`: what is deployed now; null for a new endpoint. */
  async resolve(seen: Deployment | null, request: DeploymentRequest): Promise<Deployment> {
    const model = request.model ?? seen?.model;
    if (model === undefined) throw new Error('a deployment is of a model');
    const before = seen?.model === model ? seen : null;
    const variants = await this.variantsOf(model, before, request);
    const { shadow } = request;
    if (shadow === undefined) return { model, variants, shadow: before?.shadow ?? null };
    return { model, variants, shadow: shadow && (await this.versionOf(model, shadow)) };
  }

  /** With the versions that its aliases point to now; null when these are the same. */
  async followed({ model, variants, shadow }: Deployment): Promise<Deployment | null> {
    let isMoved = false;
    const follow = async <One extends Shadow>(one: One): Promise<One> => {
      if (one.alias === null) return one;
      const { version } = await this.registry.getVersion(model, one.alias);
      isMoved ||= version !== one.modelVersion;
      return { ...one, modelVersion: version };
    };
    const after = {
      model,
      variants: await Promise.all(variants.map(follow)),
      shadow: shadow && (await follow(shadow)),
    };
    return isMoved ? after : null;
  }

  private async variantsOf(
    model: string,
    before: Deployment | null,
    { version, alias, variants }: DeploymentRequest,
  ): Promise<readonly Variant[]> {
    if (variants !== undefined) {
      assertVariants(variants, version !== undefined || typeof alias === 'string');
      return Promise.all(
        variants.map(async ({ name, weight, ...wish }) => ({ name, ...(await this.versionOf(model, wish)), weight })),
      );
    }
    const [first] = before?.variants ?? [];
    if (before === null || first === undefined || version !== undefined || typeof alias === 'string') {
      const kept = alias === undefined ? first?.alias : alias;
      const wish = { version, ...(typeof alias === 'string' && { alias }) };
      const resolved = await this.versionOf(model, wish);
      const name = before?.variants.length === 1 && first !== undefined ? first.name : ALL_TRAFFIC;
      return [{ name, ...resolved, alias: kept ?? null, weight: 1 }];
    }
    return alias === null ? before.variants.map((variant) => ({ ...variant, alias: null })) : before.variants;
  }

  private async versionOf(model: string, { version, alias }: VersionWish): Promise<Shadow> {
    if (alias === undefined) {
      return { modelVersion: (await this.registry.getVersion(model, version ?? null)).version, alias: null };
    }
    const aliased = await this.registry.getVersion(model, alias);
    const found = version === undefined ? aliased : await this.registry.getVersion(model, version);
    return { modelVersion: found.version, alias };
  }
}

function assertVariants(variants: readonly VariantRequest[], hasVersion: boolean): void {
  const names = variants.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  const sum = variants.reduce((total, { weight }) => total + weight, 0);
  const wrong =
    variants.length === 0
      ? 'there is none: give at least one'
      : hasVersion
        ? 'version or alias stands beside them: give the versions in the variants alone'
        : twice !== undefined
          ? `"${twice}" is named twice: give each a name of its own`
          : sum > 0
            ? null
            : 'the weights are all 0: nobody would answer';
  if (wrong === null) return;
  throw new TrainyardError('VARIANTS_INVALID', `These variants cannot be deployed, ${wrong}`, { variants: names });
}
