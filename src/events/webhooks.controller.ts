import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { CurrentActor, PageQuery, Problem, RequiresRole, type Actor } from '../common/http/index.js';
import {
  ChangeWebhook,
  CreateWebhook,
  CreatedWebhookAnswer,
  DeliveryAnswer,
  DeliveryPage,
  DeliveryQuery,
  WebhookAnswer,
  WebhookPage,
} from './dto/webhook.dto.js';
import { WebhooksService } from './webhooks.service.js';

@ApiTags('webhooks')
@ApiNotFoundResponse({ type: Problem, description: 'WEBHOOK_NOT_FOUND' })
@RequiresRole('admin')
@Controller('webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  /** Sends events of the named types from now on, as signed CloudEvents. */
  @Post()
  @ApiCreatedResponse({ type: CreatedWebhookAnswer })
  @ApiUnprocessableEntityResponse({ type: Problem, description: 'WEBHOOK_URL_REFUSED' })
  create(@Body() { url, types }: CreateWebhook, @CurrentActor() actor: Actor) {
    return this.webhooks.create({ url, types: types ?? [] }, actor);
  }

  /** Webhooks, newest first, without their secrets. */
  @Get()
  @ApiOkResponse({ type: WebhookPage })
  list(@Query() page: PageQuery) {
    return this.webhooks.list(page);
  }

  /** One webhook. */
  @Get(':webhookId')
  @ApiOkResponse({ type: WebhookAnswer })
  get(@Param('webhookId') webhookId: string) {
    return this.webhooks.get(webhookId);
  }

  /** Changes address or types, pauses or goes on. */
  @Patch(':webhookId')
  @ApiOkResponse({ type: WebhookAnswer })
  @ApiUnprocessableEntityResponse({ type: Problem, description: 'WEBHOOK_URL_REFUSED' })
  change(@Param('webhookId') webhookId: string, @Body() change: ChangeWebhook) {
    return this.webhooks.change(webhookId, change);
  }

  /** Removes it with its deliveries. */
  @Delete(':webhookId')
  @HttpCode(204)
  delete(@Param('webhookId') webhookId: string) {
    return this.webhooks.delete(webhookId);
  }

  /** Its deliveries, newest first; `status=dead` for those that failed for good. */
  @Get(':webhookId/deliveries')
  @ApiOkResponse({ type: DeliveryPage })
  deliveries(@Param('webhookId') webhookId: string, @Query() { status, ...page }: DeliveryQuery) {
    return this.webhooks.deliveries(webhookId, status ?? null, page);
  }

  /** Sends an event again. */
  @Post(':webhookId/deliveries/:eventId/redeliver')
  @HttpCode(202)
  @ApiOkResponse({ type: DeliveryAnswer })
  redeliver(@Param('webhookId') webhookId: string, @Param('eventId') eventId: string) {
    return this.webhooks.redeliver(webhookId, eventId);
  }
}
