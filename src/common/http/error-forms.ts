import { Injectable } from '@nestjs/common';
import type { Problem } from './problem.dto.js';

/** An error as a client of another system expects it. */
export interface FormedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export type ErrorForm = (problem: Problem, status: number) => FormedError;

/**
 * How errors look under paths that are not the native API's, whoever throws them: a handler, the guard, a body parser.
 * Dialects register theirs when the service starts.
 */
@Injectable()
export class ErrorForms {
  private readonly forms: { readonly paths: RegExp; readonly form: ErrorForm }[] = [];

  register(paths: RegExp, form: ErrorForm): void {
    this.forms.push({ paths, form });
  }

  /** Null: a `Problem` as it is. */
  find(path: string): ErrorForm | null {
    return this.forms.find(({ paths }) => paths.test(path))?.form ?? null;
  }
}
