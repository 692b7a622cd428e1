import type { TemplateContent } from './template-parameters.js';

/** What a person writes. */
export interface TemplateDraft {
  readonly name: string;
  readonly description: string;
  /** Template fields, nested; whatever is left out takes its default. Not checked yet. */
  readonly parameters: unknown;
}

/** One immutable version of a template: what executions start from. Hand it to `TemplatesService.resolve` whole. */
export interface TemplateVersion extends TemplateContent {
  readonly templateId: string;
  /** From 1, counted up with every edit. */
  readonly version: number;
  readonly name: string;
  readonly description: string;
  /** When this version was made. */
  readonly createdAt: string;
  /** Name of the actor who made this version. */
  readonly createdBy: string;
}

/** A line of the list: the newest version without its parameters. */
export interface TemplateSummary {
  readonly templateId: string;
  readonly name: string;
  /** The newest. */
  readonly version: number;
  readonly algorithm: string;
  readonly targets: readonly string[];
  readonly datasetId: string;
  /** When the first version was made. */
  readonly createdAt: string;
  /** When the newest version was made, and by whom. */
  readonly updatedAt: string;
  readonly updatedBy: string;
}
