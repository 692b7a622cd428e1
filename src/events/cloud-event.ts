import type { ServiceEvent } from './event.js';

/** CloudEvents 1.0 in structured JSON: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Readonly<Record<string, unknown>>;
}

export const CLOUD_EVENT_MEDIA_TYPE = 'application/cloudevents+json; charset=utf-8';

const SOURCE = '/trainyard';

export function cloudEvent(event: ServiceEvent): CloudEvent {
  const { id, at, type, subject, actor, reason, model, modelVersion, endpoint, data } = event;
  return {
    specversion: '1.0',
    id,
    source: SOURCE,
    type: `trainyard.${type}`,
    subject,
    time: at,
    datacontenttype: 'application/json',
    data: {
      actor,
      reason,
      ...(model === null ? {} : { model }),
      ...(modelVersion === null ? {} : { modelVersion }),
      ...(endpoint === null ? {} : { endpoint }),
      ...data,
    },
  };
}
