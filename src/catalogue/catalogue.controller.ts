import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { listAlgorithms, listFeatureSteps, listTransforms } from './catalogue.js';
import { AlgorithmListDto, FeatureStepListDto, TransformListDto } from './dto/catalogue.dto.js';

@ApiTags('catalogue')
@Controller()
export class CatalogueController {
  @Get('algorithms')
  @ApiOperation({ summary: 'Algorithms that templates can name, with their hyperparameters' })
  algorithms(): AlgorithmListDto {
    return { items: listAlgorithms() };
  }

  @Get('feature-steps')
  @ApiOperation({ summary: 'Feature steps, with their parameters and the columns they make' })
  featureSteps(): FeatureStepListDto {
    return { items: listFeatureSteps() };
  }

  @Get('transforms')
  @ApiOperation({ summary: 'Transforms that the scaling of a template can name' })
  transforms(): TransformListDto {
    return { items: listTransforms() };
  }
}
