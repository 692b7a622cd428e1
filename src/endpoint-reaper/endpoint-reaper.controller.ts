import { Controller, HttpCode, Post, Query } from '@nestjs/common';
import { ApiConflictResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Problem } from '../common/http/index.js';
import { SweepAnswer, SweepQuery } from './dto/sweep.dto.js';
import { EndpointReaperService } from './endpoint-reaper.service.js';

@ApiTags('endpoints')
@Controller('endpoint-reaper')
export class EndpointReaperController {
  constructor(private readonly reaper: EndpointReaperService) {}

  /** Looks at every endpoint now and takes out of service what nobody uses; with `dryRun` it only says so. */
  @Post('sweep')
  @HttpCode(200)
  @ApiOkResponse({ type: SweepAnswer })
  @ApiConflictResponse({ type: Problem, description: 'SWEEP_UNDER_WAY' })
  sweep(@Query() { dryRun }: SweepQuery) {
    return dryRun === 'true' ? this.reaper.rehearse() : this.reaper.sweep();
  }
}
