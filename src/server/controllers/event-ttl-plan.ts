// When an Event may go. Pure. Rule: kube-apiserver's --event-ttl, counted from the last write of the Event.

import type { Event } from '../../api/types/core-v1.gen.ts';

/** How long Events are kept. */
const EVENT_TTL_MS = 3_600_000;

/** Whether the Event was last written more than its time ago. One without any time is kept: it says nothing about its age. */
export function isEventExpired(event: Event, nowMs: number): boolean {
  const times = [
    event.metadata.creationTimestamp,
    event.firstTimestamp,
    event.lastTimestamp,
    event.eventTime,
    event.series?.lastObservedTime,
  ]
    .map((text) => Date.parse(text ?? ''))
    .filter((ms) => !Number.isNaN(ms));
  return times.length > 0 && nowMs - Math.max(...times) > EVENT_TTL_MS;
}
