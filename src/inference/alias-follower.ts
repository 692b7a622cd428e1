import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { isTrainyardError } from '../common/errors/index.js';
import { EventsService } from '../events/index.js';
import { endpointEvent } from './endpoint-events.js';
import { aliasesOf, type Endpoint } from './endpoint.js';
import { EndpointsService } from './endpoints.service.js';

/** Updates the endpoints that follow an alias when it moves; on the start, those whose alias moved meanwhile. */
@Injectable()
export class AliasFollower implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('AliasFollower');
  private stop: () => void = () => undefined;

  constructor(
    private readonly events: EventsService,
    private readonly endpoints: EndpointsService,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.stop = this.events.listen(async ({ type, model, data, actor }) => {
      const { alias } = data;
      if (type !== 'alias.set' || model === null || typeof alias !== 'string') return;
      for await (const endpoint of this.endpoints.following(model, alias)) await this.follow(endpoint, alias, actor);
    });
    for await (const endpoint of this.endpoints.all()) {
      const aliases = aliasesOf(endpoint);
      if (aliases.length > 0) await this.follow(endpoint, aliases.join(', '), 'trainyard');
    }
  }

  onModuleDestroy(): void {
    this.stop();
  }

  private async follow(endpoint: Endpoint, alias: string, actor: string): Promise<void> {
    try {
      await this.endpoints.follow(endpoint, alias, { name: actor });
    } catch (error) {
      if (!isTrainyardError(error)) throw error;
      this.logger.warn(`endpoint ${endpoint.name} does not follow ${alias}: ${error.message}`);
      const reason = `does not follow ${alias}: ${error.message}`;
      await this.events.record(endpointEvent('endpoint.failed', endpoint, actor, reason));
    }
  }
}
