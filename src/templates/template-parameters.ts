import type { TemplateParametersDto } from './dto/parameters/template-parameters.dto.js';

/**
 * Every parameter of every step of a training, with all defaults filled in: what an execution freezes. Read off the
 * DTO classes, which declare, validate and document the fields. Times are ISO 8601 in UTC, lengths are rows.
 */
export type TemplateParameters = Complete<TemplateParametersDto>;

/** The fields that somebody wrote: a template without its defaults, or the overrides of an execution. */
export type SparseParameters = Sparse<TemplateParametersDto>;

export type FeatureParameters = TemplateParameters['features'];
export type FeatureStepParameters = FeatureParameters['steps'][number];
export type SplitParameters = TemplateParameters['split'];

/** `all` (every base asset), `targets`, or a list. */
export type AssetSelection = FeatureParameters['lags']['assets'];

/** The parameters of a template version in both forms. */
export interface TemplateContent {
  /** As its author wrote them. */
  readonly given: SparseParameters;
  /** With the defaults of the day it was saved: a later default does not change what an old version means. */
  readonly parameters: TemplateParameters;
}

/** Where the value of a field comes from. */
export type FieldOrigin = 'default' | 'template' | 'override';

/** What an execution is frozen to. */
export interface ResolvedParameters {
  readonly parameters: TemplateParameters;
  /** By dotted field path, one for each leaf: `{ 'windows.horizon': 'override', … }`. Lists are leaves. */
  readonly origins: Readonly<Record<string, FieldOrigin>>;
  /** What is allowed and probably not meant, as sentences. */
  readonly warnings: readonly string[];
}

type Leaf = string | number | boolean | null | readonly unknown[];

type Complete<Value> = Value extends readonly (infer Element)[]
  ? readonly Complete<Element>[]
  : Value extends Leaf
    ? Value
    : { readonly [Field in keyof Value]-?: Complete<Exclude<Value[Field], undefined>> };

type Sparse<Value> = Value extends readonly (infer Element)[]
  ? readonly Sparse<Element>[]
  : Value extends Leaf
    ? Value
    : { readonly [Field in keyof Value]?: Sparse<Exclude<Value[Field], undefined>> };
