import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentActor, Public, RequiresRole, type Actor, type TrainyardRequest } from '../../common/http/index.js';
import { send } from './dialect-http.js';
import { OipService } from './oip.service.js';

@ApiExcludeController()
@Controller('v2')
export class OipController {
  constructor(private readonly oip: OipService) {}

  @Get('health/live')
  @Public()
  live(@Res() response: Response) {
    send(response, this.oip.live());
  }

  @Get('health/ready')
  @Public()
  async ready(@Res() response: Response) {
    send(response, await this.oip.ready());
  }

  @Get()
  server(@Res() response: Response) {
    send(response, this.oip.server());
  }

  @Get(['models/:name', 'models/:name/versions/:version'])
  async metadata(@Param() { name, version }: ModelPath, @Res() response: Response) {
    send(response, await this.oip.metadata(name, version ?? null));
  }

  @Get(['models/:name/ready', 'models/:name/versions/:version/ready'])
  async modelReady(@Param() { name, version }: ModelPath, @Res() response: Response) {
    send(response, await this.oip.modelReady(name, version ?? null));
  }

  @Post(['models/:name/infer', 'models/:name/versions/:version/infer'])
  @RequiresRole('viewer')
  async infer(
    @Param() { name, version }: ModelPath,
    @Req() request: TrainyardRequest,
    @CurrentActor() actor: Actor,
    @Res() response: Response,
  ) {
    send(response, await this.oip.infer(name, version ?? null, request, actor));
  }
}

interface ModelPath {
  readonly name: string;
  readonly version?: string;
}
