import { Controller, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentActor, RequiresRole, type Actor, type TrainyardRequest } from '../../common/http/index.js';
import { send } from './dialect-http.js';
import { SageMakerService } from './sagemaker.service.js';

@ApiExcludeController()
@Controller('endpoints/:name/invocations')
export class SageMakerController {
  constructor(private readonly sageMaker: SageMakerService) {}

  @Post()
  @RequiresRole('viewer')
  async invoke(
    @Param('name') name: string,
    @Req() request: TrainyardRequest,
    @CurrentActor() actor: Actor,
    @Res() response: Response,
  ) {
    send(response, await this.sageMaker.invoke(name, request, actor));
  }
}
