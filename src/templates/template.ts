import type { TemplateContent } from './template-parameters.js';

/** One immutable version of a template: what executions start from. Hand it to `TemplatesService.resolve` whole. */
export interface TemplateVersion extends TemplateContent {
  readonly templateId: string;
  /** From 1, counted up with every edit. */
  readonly version: number;
  readonly name: string;
  readonly description: string;
  readonly createdAt: string;
  /** Name of the actor who made this version. */
  readonly createdBy: string;
}
