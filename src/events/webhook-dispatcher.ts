import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { inParallel } from '../common/in-parallel.js';
import { CLOUD_EVENT_MEDIA_TYPE, cloudEvent } from './cloud-event.js';
import { EventRepository } from './event.repository.js';
import { EventsService } from './events.service.js';
import { postWebhook } from './webhook-sender.js';
import { signatureHeaders } from './webhook-signature.js';
import { WebhookRepository, type StoredDelivery } from './webhook.repository.js';
import type { Delivery } from './webhook.js';

/** How often the database is asked for what is due, besides after each event: another process may have left something. */
const POLL_MS = 5_000;
const AT_ONCE = 4;
const BATCH = 50;
const LONGEST_DELAY_MS = 6 * 3_600_000;
const RESULT_LENGTH = 300;

/**
 * Sends events to webhooks. An event leaves the outbox once each webhook that wants it has a delivery; a delivery is
 * tried until it is answered with 2xx, with growing pauses, and is dead after the last attempt. Every step is a
 * conditional write, so several processes share the work, and a crash at worst sends once more: receivers know an event
 * by its id.
 */
@Injectable()
export class WebhookDispatcher implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Webhooks');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | null = null;
  private isAskedAgain = false;
  private isStopped = false;
  private stopListening: () => void = () => undefined;

  constructor(
    private readonly events: EventsService,
    private readonly eventRepository: EventRepository,
    private readonly webhooks: WebhookRepository,
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.stopListening = this.events.listen(() => this.nudge());
    this.timer = setInterval(() => this.nudge(), POLL_MS).unref();
    this.nudge();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopped = true;
    this.stopListening();
    clearInterval(this.timer);
    await this.running;
  }

  /** Looks for work now; once more after the present look, if there is one. */
  nudge(): void {
    if (this.isStopped) return;
    if (this.running !== null) {
      this.isAskedAgain = true;
      return;
    }
    this.running = this.work()
      .catch((error: unknown) => this.logger.warn(`sending events: ${String(error)}`))
      .finally(() => {
        this.running = null;
        if (this.isAskedAgain) {
          this.isAskedAgain = false;
          this.nudge();
        }
      });
  }

  private async work(): Promise<void> {
    await this.emptyOutbox();
    for (;;) {
      // `lessThan` leaves out what is due this very millisecond.
      const due = await this.webhooks.due(new Date(this.clock.now() + 1).toISOString(), BATCH);
      if (due.length === 0 || this.isStopped) break;
      await inParallel(due, AT_ONCE, (delivery) => this.attempt(delivery));
    }
    await this.wakeForNext();
  }

  /** Retries that are due before the next poll come in time. */
  private async wakeForNext(): Promise<void> {
    const next = await this.webhooks.nextDueAt();
    if (next === null || this.isStopped) return;
    const waitMs = Date.parse(next) - this.clock.now();
    if (waitMs < POLL_MS) setTimeout(() => this.nudge(), Math.max(1, waitMs + 1)).unref();
  }

  private async emptyOutbox(): Promise<void> {
    for await (const event of this.eventRepository.waiting()) {
      for await (const { webhookId, isActive, types } of this.webhooks.all()) {
        if (!isActive || (types.length > 0 && !types.includes(event.type))) continue;
        await this.webhooks.offer(webhookId, cloudEvent(event), event.type, isoTime(this.clock));
      }
      await this.eventRepository.sent(event);
    }
  }

  private async attempt(due: StoredDelivery): Promise<void> {
    const { attempts: limit, firstRetryMs, timeoutMs, allowPrivate } = this.config.webhooks;
    const attempts = due.attempts + 1;
    // Claimed for as long as an answer may take: whoever dies while sending leaves it to be sent again.
    const retryAt = new Date(this.clock.now() + timeoutMs + retryDelayMs(attempts, firstRetryMs)).toISOString();
    const claimed = await this.webhooks.update(due, 'pending', retryAt, { attempts, updatedAt: isoTime(this.clock) });
    if (claimed === null) return;
    const webhook = await this.webhooks.find(due.webhookId);
    if (webhook === null) return;
    const result = await this.post(claimed, webhook.url, webhook.secret, timeoutMs, allowPrivate);
    const isDelivered = /^2\d\d$/.test(result);
    const status: Delivery['status'] = isDelivered ? 'delivered' : attempts >= limit ? 'dead' : 'pending';
    const nextAt =
      status === 'pending' ? new Date(this.clock.now() + retryDelayMs(attempts, firstRetryMs)).toISOString() : null;
    await this.webhooks.update(claimed, status, nextAt, { lastResult: result, updatedAt: isoTime(this.clock) });
    if (status === 'dead') {
      this.logger.warn(`${due.type} ${due.eventId} did not reach ${webhook.url} in ${attempts} attempts: ${result}`);
    }
  }

  private async post(
    { event }: StoredDelivery,
    url: string,
    secret: string,
    timeoutMs: number,
    allowPrivate: boolean,
  ): Promise<string> {
    const body = JSON.stringify(event);
    try {
      const headers = {
        'content-type': CLOUD_EVENT_MEDIA_TYPE,
        'user-agent': 'trainyard-webhooks',
        ...signatureHeaders(secret, event.id, this.clock.now(), body),
      };
      return String(await postWebhook({ url, headers, body, timeoutMs, allowPrivate }));
    } catch (error) {
      return (error instanceof Error ? error.message : String(error)).slice(0, RESULT_LENGTH) || 'no connection';
    }
  }
}

/** Pause after the n-th attempt: doubling three times over (×8), at most six hours: 5 s, 40 s, 5 min, 43 min, 6 h. */
export function retryDelayMs(attempt: number, firstRetryMs: number): number {
  return Math.min(LONGEST_DELAY_MS, firstRetryMs * 8 ** (attempt - 1));
}
