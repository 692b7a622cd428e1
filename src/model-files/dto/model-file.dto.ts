import { ApiProperty } from '@nestjs/swagger';
import { MODEL_FILE_FORMATS, type ModelFileFormat } from '../../ml/import/model-file.js';

/** What the file reads, or makes. */
export class ModelFileEndDto {
  name!: string;
  type!: 'float32' | 'float64';
  /** The first axis is the batch; null where an axis may have any extent. Empty where the file does not say. */
  @ApiProperty({ type: 'array', items: { type: 'integer', nullable: true } })
  shape!: (number | null)[];
}

/** A Keras layer, or an ONNX operator, and how often it is used. */
export class ModelFilePartDto {
  type!: string;
  count!: number;
}

/** A model that was trained elsewhere. */
export class ModelFileDto {
  /** SHA-256 of its bytes: what the hyperparameter `modelFile` of the algorithm `imported` takes. */
  sha256!: string;
  /** As its uploader calls it. */
  name!: string;
  bytes!: number;
  @ApiProperty({ enum: MODEL_FILE_FORMATS })
  format!: ModelFileFormat;
  input!: ModelFileEndDto;
  output!: ModelFileEndDto;
  /** Numbers among its weights. */
  parameters!: number;
  parts!: ModelFilePartDto[];
  /** Who wrote it, in its own words. */
  producer!: string;
  /** Of the standard operators of an ONNX file; null for Keras. */
  operatorSet!: number | null;
  uploadedBy!: string;
  uploadedAt!: string;
}

export class UsedModelFileDto extends ModelFileDto {
  /** Executions that use it; while there are any, it cannot be deleted. */
  executions!: string[];
}

export class ModelFilePageDto {
  items!: ModelFileDto[];
  /** Of the next page; null on the last one. */
  cursor!: string | null;
}
