import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentActor, RequiresRole, type Actor, type TrainyardRequest } from '../../common/http/index.js';
import { send } from './dialect-http.js';
import { MlflowService } from './mlflow.service.js';

@ApiExcludeController()
@Controller('endpoints/:name/mlflow')
export class MlflowController {
  constructor(private readonly mlflow: MlflowService) {}

  @Post('invocations')
  @RequiresRole('viewer')
  async invoke(
    @Param('name') name: string,
    @Req() request: TrainyardRequest,
    @CurrentActor() actor: Actor,
    @Res() response: Response,
  ) {
    send(response, await this.mlflow.invoke(name, request, actor));
  }

  @Get(['ping', 'health'])
  async ping(@Param('name') name: string, @Res() response: Response) {
    send(response, await this.mlflow.ping(name));
  }

  @Get('version')
  version(@Res() response: Response) {
    send(response, this.mlflow.version());
  }
}
