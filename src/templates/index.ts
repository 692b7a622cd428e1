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
export type { TemplateVersion } from './template.js';
