// Resources that are served in two forms and stored in one: events (stored as core/v1) and autoscalers (stored as autoscaling/v2).

import { builtinType } from '../../api/builtin-type.ts';
import type { KubeObject } from '../../api/object.ts';
import type { GroupVersionResource } from '../../api/resources.ts';
import type * as core from '../../api/types/core-v1.gen.ts';
import type * as events from '../../api/types/events-v1.gen.ts';
import { autoscalerConversion } from './autoscaler-conversion.ts';
import type { Conversion } from './served-resource.ts';

/** Object of `entries` without those that are undefined. */
function present<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/** core/v1 Event as events.k8s.io/v1. */
function eventToV1(stored: core.Event): events.Event {
  return present({
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: stored.metadata,
    eventTime: stored.eventTime,
    series: stored.series && { count: stored.series.count ?? 0, lastObservedTime: stored.series.lastObservedTime },
    reportingController: stored.reportingComponent,
    reportingInstance: stored.reportingInstance,
    action: stored.action,
    reason: stored.reason,
    regarding: stored.involvedObject,
    related: stored.related,
    note: stored.message,
    type: stored.type,
    deprecatedSource: stored.source,
    deprecatedFirstTimestamp: stored.firstTimestamp,
    deprecatedLastTimestamp: stored.lastTimestamp,
    deprecatedCount: stored.count,
  }) as events.Event;
}

/** events.k8s.io/v1 Event as core/v1. */
function eventToCore(event: events.Event): core.Event {
  return present({
    kind: 'Event',
    apiVersion: 'v1',
    metadata: event.metadata,
    involvedObject: event.regarding ?? {},
    reason: event.reason,
    message: event.note,
    source: event.deprecatedSource ?? {},
    firstTimestamp: event.deprecatedFirstTimestamp ?? null,
    lastTimestamp: event.deprecatedLastTimestamp ?? null,
    count: event.deprecatedCount,
    type: event.type,
    eventTime: event.eventTime ?? null,
    series: event.series && { count: event.series.count, lastObservedTime: event.series.lastObservedTime },
    action: event.action,
    related: event.related,
    reportingComponent: event.reportingController ?? '',
    reportingInstance: event.reportingInstance ?? '',
  }) as unknown as core.Event;
}

const eventConversion = (): Conversion => ({
  storedType: builtinType({ group: '', version: 'v1', kind: 'Event' }),
  fromStored: (object) => eventToV1(object as core.Event) as KubeObject,
  toStored: (object) => eventToCore(object as events.Event) as KubeObject,
});

/** The conversion of a resource that is not stored in its own version. */
export function conversionOf(gvr: GroupVersionResource): Conversion | undefined {
  if (gvr.group === 'events.k8s.io' && gvr.resource === 'events') return eventConversion();
  if (gvr.group === 'autoscaling' && gvr.version === 'v1') return autoscalerConversion();
  return undefined;
}
