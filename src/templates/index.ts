export { flattenFields } from './parameter-fields.js';
export { FOURIER_ASSET_CLASSES } from './dto/parameters/forecast-parameters.dto.js';
export type {
  AssetSelection,
  FeatureParameters,
  FieldOrigin,
  SparseParameters,
  SplitParameters,
  TemplateContent,
  TemplateParameters,
} from './template-parameters.js';
export type { TemplateVersion } from './template.js';
export { TemplatesModule } from './templates.module.js';
export { TemplatesService } from './templates.service.js';
