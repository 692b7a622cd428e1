export type {
  AssetSelection,
  DataParameters,
  FeatureParameters,
  FieldOrigin,
  GapParameters,
  ResolvedParameters,
  SparseParameters,
  SplitParameters,
  TemplateContent,
  TemplateParameters,
  TrainingParameters,
} from './template-parameters.js';
export type { TemplateSummary, TemplateVersion } from './template.js';
export { TemplatesModule } from './templates.module.js';
export { TemplatesService } from './templates.service.js';
