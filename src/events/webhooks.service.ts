import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { TrainyardError } from '../common/errors/index.js';
import type { Actor } from '../common/http/index.js';
import { newId } from '../common/ids.js';
import type { Page, PageRequest } from '../common/page.js';
import type { EventType } from './event.js';
import { WebhookDispatcher } from './webhook-dispatcher.js';
import { hostOf, isPrivateAddress } from './webhook-sender.js';
import { newWebhookSecret } from './webhook-signature.js';
import { WebhookRepository, withoutContent } from './webhook.repository.js';
import type { Delivery, DeliveryStatus, Webhook, WebhookWithSecret } from './webhook.js';

export interface WebhookRequest {
  readonly url: string;
  readonly types: readonly EventType[];
}

/** Webhooks and what became of their deliveries. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly webhooks: WebhookRepository,
    private readonly dispatcher: WebhookDispatcher,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The only answer that has the secret. */
  async create({ url, types }: WebhookRequest, actor: Actor): Promise<WebhookWithSecret> {
    this.assertUrl(url);
    const webhook: WebhookWithSecret = {
      webhookId: newId('whk'),
      url,
      types,
      isActive: true,
      secret: newWebhookSecret(),
      createdBy: actor.name,
      createdAt: isoTime(this.clock),
    };
    await this.webhooks.create(webhook);
    return webhook;
  }

  async list(page: PageRequest): Promise<Page<Webhook>> {
    const { items, cursor } = await this.webhooks.list(page);
    return { items: items.map(withoutSecret), cursor };
  }

  async get(webhookId: string): Promise<Webhook> {
    return withoutSecret(await this.found(webhookId));
  }

  async change(webhookId: string, change: Partial<WebhookRequest & Pick<Webhook, 'isActive'>>): Promise<Webhook> {
    if (change.url !== undefined) this.assertUrl(change.url);
    const { url, types, isActive } = await this.found(webhookId);
    const changed = await this.webhooks.change(webhookId, { url, types, isActive, ...change });
    if (changed === null) throw notFound(webhookId);
    return withoutSecret(changed);
  }

  /** With its deliveries. */
  async delete(webhookId: string): Promise<void> {
    await this.found(webhookId);
    await this.webhooks.delete(webhookId);
  }

  async deliveries(webhookId: string, status: DeliveryStatus | null, page: PageRequest): Promise<Page<Delivery>> {
    await this.found(webhookId);
    return this.webhooks.deliveries(webhookId, status, page);
  }

  /** Sends an event again from the first attempt on, whatever became of it. */
  async redeliver(webhookId: string, eventId: string): Promise<Delivery> {
    await this.found(webhookId);
    const delivery = await this.webhooks.findDelivery(webhookId, eventId);
    if (delivery === null) {
      throw new TrainyardError('WEBHOOK_NOT_FOUND', `Webhook ${webhookId} has no delivery of event ${eventId}`, {
        webhookId,
        eventId,
      });
    }
    const now = isoTime(this.clock);
    const again = await this.webhooks.update(delivery, 'pending', now, { attempts: 0, updatedAt: now });
    this.dispatcher.nudge();
    return withoutContent(again ?? delivery);
  }

  private async found(webhookId: string): Promise<WebhookWithSecret> {
    const webhook = await this.webhooks.find(webhookId);
    if (webhook === null) throw notFound(webhookId);
    return webhook;
  }

  /** Names are checked again at each attempt, when it is known what they stand for. */
  private assertUrl(text: string): void {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
      const message = `"${text}" is not a URL that events can be sent to: give http:// or https://, a host, and no user name`;
      throw new TrainyardError('WEBHOOK_URL_REFUSED', message, { url: text });
    }
    if (this.config.webhooks.allowPrivate) return;
    const host = hostOf(url);
    if (isPrivateAddress(host) || host === 'localhost' || host.endsWith('.localhost')) {
      const message = `${host} is in a private network: give a public address, or start the service with TRAINYARD_WEBHOOKS_ALLOW_PRIVATE=true`;
      throw new TrainyardError('WEBHOOK_URL_REFUSED', message, { url: text, host });
    }
  }
}

function withoutSecret({ secret: _secret, ...webhook }: WebhookWithSecret): Webhook {
  return webhook;
}

function notFound(webhookId: string): TrainyardError {
  return new TrainyardError('WEBHOOK_NOT_FOUND', `There is no webhook ${webhookId}`, { webhookId });
}
