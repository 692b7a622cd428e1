import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { EventPage, EventQuery } from './dto/event.dto.js';
import { EventsService } from './events.service.js';

@ApiTags('events')
@Controller('events')
export class EventsController {
  constructor(private readonly events: EventsService) {}

  /** What happened to models and endpoints, newest first. */
  @Get()
  @ApiOkResponse({ type: EventPage })
  list(@Query() { subject, ...page }: EventQuery) {
    return this.events.list(subject === undefined ? 'all' : { subject }, page);
  }
}
