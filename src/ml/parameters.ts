/**
 * One declaration per hyperparameter: it validates, documents, draws the form and bounds the tuner. Used by
 * algorithms, feature steps and transforms alike.
 */
export type ParameterDeclaration =
  | {
      readonly kind: 'integer' | 'number';
      readonly default: number;
      readonly minimum: number;
      readonly maximum: number;
      readonly scale?: 'linear' | 'log';
      readonly unit?: string;
      readonly description: string;
    }
  | { readonly kind: 'boolean'; readonly default: boolean; readonly description: string }
  | {
      readonly kind: 'choice';
      readonly values: readonly string[];
      readonly default: string;
      readonly description: string;
    }
  | {
      readonly kind: 'text';
      readonly default: string;
      /** A regular expression that the whole text matches. */
      readonly pattern: string;
      readonly description: string;
    }
  | {
      readonly kind: 'integers' | 'numbers';
      readonly default: readonly number[];
      readonly minimum: number;
      readonly maximum: number;
      /** Number of elements. */
      readonly minimumLength: number;
      readonly maximumLength: number;
      readonly description: string;
    };

export type ParameterSpace = Readonly<Record<string, ParameterDeclaration>>;

export type ParameterValue = number | boolean | string | readonly number[];

export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** The TypeScript type of the values of a space: `{ lambda: number; shared: boolean }`. */
export type ValuesOf<Space extends ParameterSpace> = {
  readonly [Name in keyof Space]: Space[Name]['kind'] extends 'integer' | 'number'
    ? number
    : Space[Name]['kind'] extends 'boolean'
      ? boolean
      : Space[Name]['kind'] extends 'choice' | 'text'
        ? string
        : readonly number[];
};
