// Validation of events: little for those of the core API, the full rules for those of events.k8s.io.

import { deepEqual } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import type * as core from '../types/core-v1.gen.ts';
import type * as events from '../types/events-v1.gen.ts';
import { checkString, invalidValue, requiredValue } from './field-error.ts';
import { internalForm } from './internal-form.ts';
import { qualifiedName } from './object-meta.ts';

const MAX_WORD = 128;
const MAX_NOTE = 1024;

/** What both forms have, under one name. */
interface EventParts {
  readonly namespace: string;
  readonly aboutNamespace: string;
  readonly eventTime: string | null | undefined;
  readonly controllerField: string;
  readonly controller: string;
  readonly instance: string;
  readonly action: string;
  readonly reason: string;
  readonly note: string;
}

const tooMany = (field: string, value: string, limit: number): FieldError[] =>
  Buffer.byteLength(value) > limit ? [invalidValue(field, '', `can have at most ${limit} characters`)] : [];

const word = (field: string, value: string): FieldError[] => (value === '' ? [requiredValue(field)] : tooMany(field, value, MAX_WORD));

/** An event that says when it happened (`eventTime`) says who reports it, and what was done. */
function partsFaults(parts: EventParts): FieldError[] {
  const { namespace, aboutNamespace, controller, controllerField } = parts;
  const strays = [invalidValue('involvedObject.namespace', aboutNamespace, 'does not match event.namespace')];
  if (!parts.eventTime) {
    const fits = aboutNamespace === '' ? namespace === 'default' : aboutNamespace === namespace;
    return fits ? [] : strays;
  }
  const homeless = aboutNamespace === '' && namespace !== 'default' && namespace !== 'kube-system';
  return [
    ...(homeless ? strays : []),
    ...(controller === '' ? [requiredValue(controllerField)] : []),
    ...checkString(controllerField, controller, qualifiedName),
    ...word('reportingInstance', parts.instance),
    ...word('action', parts.action),
    ...word('reason', parts.reason),
    ...tooMany('message', parts.note, MAX_NOTE),
  ];
}

/** Faults of an event of the core API. */
export function validateCoreEvent(event: core.Event): FieldError[] {
  return partsFaults({
    namespace: event.metadata.namespace ?? '',
    aboutNamespace: event.involvedObject.namespace ?? '',
    eventTime: event.eventTime,
    controllerField: 'reportingComponent',
    controller: event.reportingComponent ?? '',
    instance: event.reportingInstance ?? '',
    action: event.action ?? '',
    reason: event.reason ?? '',
    note: event.message ?? '',
  });
}

/** Faults of an event of events.k8s.io, new or changed. */
function validateEvent(event: events.Event): FieldError[] {
  return [
    ...partsFaults({
      namespace: event.metadata?.namespace ?? '',
      aboutNamespace: event.regarding?.namespace ?? '',
      eventTime: event.eventTime,
      controllerField: 'reportingController',
      controller: event.reportingController ?? '',
      instance: event.reportingInstance ?? '',
      action: event.action ?? '',
      reason: event.reason ?? '',
      note: event.note ?? '',
    }),
  ];
}

function seriesFaults(series: events.EventSeries | undefined): FieldError[] {
  if (!series) return [];
  return [
    ...((series.count ?? 0) < 2 ? [invalidValue('series.count', '', 'should be at least 2')] : []),
    ...(series.lastObservedTime ? [] : [requiredValue('series.lastObservedTime')]),
  ];
}

/** Faults of a new event of events.k8s.io. */
export function validateNewEvent(event: events.Event): FieldError[] {
  const { deprecatedSource: source } = event;
  const unset: [string, unknown][] = [
    ['firstTimestamp', event.deprecatedFirstTimestamp],
    ['lastTimestamp', event.deprecatedLastTimestamp],
    ['count', event.deprecatedCount],
    ['source', source?.component || source?.host],
  ];
  return [
    ...validateEvent(event),
    ...seriesFaults(event.series),
    ...(event.eventTime ? [] : [requiredValue('eventTime')]),
    ...(event.type === 'Normal' || event.type === 'Warning' ? [] : [invalidValue('type', '', `has invalid value: ${event.type ?? ''}`)]),
    ...unset.filter(([, value]) => value).map(([field]) => invalidValue(field, '', 'needs to be unset')),
  ];
}

const REFERENCE = { kind: '', namespace: '', name: '', uid: '', apiVersion: '', resourceVersion: '', fieldPath: '' };

/** Fields that say what happened, by the names faults give them: only the series of an event goes on. */
const FIXED: readonly (readonly [field: string, of: (event: events.Event) => unknown])[] = [
  ['involvedObject', (event) => internalForm(event.regarding ?? {}, REFERENCE)],
  ['reason', (event) => event.reason ?? ''],
  ['message', (event) => event.note ?? ''],
  ['source', (event) => event.deprecatedSource ?? {}],
  ['firstTimestamp', (event) => event.deprecatedFirstTimestamp ?? null],
  ['lastTimestamp', (event) => event.deprecatedLastTimestamp ?? null],
  ['count', (event) => event.deprecatedCount ?? 0],
  // Upstream looks at the reason twice.
  ['reason', (event) => event.reason ?? ''],
  ['type', (event) => event.type ?? ''],
  ['eventTime', (event) => event.eventTime ?? null],
  ['action', (event) => event.action ?? ''],
  ['related', (event) => internalForm(event.related, REFERENCE)],
  ['reportingController', (event) => event.reportingController ?? ''],
  ['reportingInstance', (event) => event.reportingInstance ?? ''],
];

/** Faults of a change of an event of events.k8s.io. */
export function validateEventUpdate(event: events.Event, old: events.Event): FieldError[] {
  const changed = FIXED.filter(([, of]) => !deepEqual(of(event), of(old)));
  return [
    ...validateEvent(event),
    ...(deepEqual(event.series, old.series) ? [] : seriesFaults(event.series)),
    ...changed.map(([field, of]) => invalidValue(field, of(event), 'field is immutable')),
  ];
}
