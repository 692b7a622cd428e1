import type { Page } from '../common/page.js';
import type { TemplatePageDto, TemplateVersionDto, TemplateVersionPageDto } from './dto/template-response.dto.js';
import { listOrigins, listWarnings } from './explain-parameters.js';
import type { TemplateSummary, TemplateVersion } from './template.js';

/** A version as it was saved: reading it never fails because the rules have changed since. */
export function presentVersion(version: TemplateVersion): TemplateVersionDto {
  return {
    ...version,
    origins: listOrigins(version.parameters, version.given),
    warnings: listWarnings(version.parameters),
  };
}

export function presentVersionPage({ items, cursor }: Page<TemplateVersion>): TemplateVersionPageDto {
  return {
    items: items.map(({ version, name, description, parameters, createdAt, createdBy }) => ({
      version,
      name,
      description,
      algorithm: parameters.algorithm.name,
      createdAt,
      createdBy,
    })),
    cursor,
  };
}

export function presentList({ items, cursor }: Page<TemplateSummary>): TemplatePageDto {
  return { items: items.map((item) => ({ ...item, targets: [...item.targets] })), cursor };
}
