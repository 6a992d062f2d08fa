// Rules of events: who says what of whom, and that only the series of an event goes on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { validateCreate, validateUpdate } from '../../../../src/api/validation/validate.ts';

const V1 = { group: 'events.k8s.io', version: 'v1', kind: 'Event' };
const CORE = { group: '', version: 'v1', kind: 'Event' };

const event = (more: object = {}): KubeObject =>
  ({
    metadata: { name: 'e', namespace: 'n' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    regarding: { kind: 'Pod', namespace: 'n', name: 'p' },
    reportingController: 'example.com/c',
    reportingInstance: 'c-1',
    action: 'Act',
    reason: 'Because',
    note: 'text',
    type: 'Normal',
    ...more,
  }) as KubeObject;

const coreEvent = (more: object = {}): KubeObject =>
  ({ metadata: { name: 'e', namespace: 'n' }, involvedObject: { namespace: 'n', name: 'p' }, reason: 'Because', ...more }) as KubeObject;

const SERIES = { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' };

const NEW: [what: string, kind: typeof V1, object: KubeObject, fields: string[]][] = [
  ['a whole event', V1, event(), []],
  ['an event with a series', V1, event({ series: SERIES }), []],
  ['a series of one', V1, event({ series: { ...SERIES, count: 1 } }), ['series.count']],
  ['a series without a time', V1, event({ series: { count: 2 } }), ['series.lastObservedTime']],
  ['an event without a time', V1, event({ eventTime: null }), ['eventTime']],
  [
    'an event of nobody',
    V1,
    event({ reportingController: '', reportingInstance: '' }),
    ['reportingController', 'reportingController', 'reportingController', 'reportingInstance'],
  ],
  ['a controller that is no name', V1, event({ reportingController: 'a b' }), ['reportingController']],
  ['a reason that is too long', V1, event({ reason: 'x'.repeat(129) }), ['reason']],
  ['a note that is too long', V1, event({ note: 'x'.repeat(1025) }), ['message']],
  ['an unknown type', V1, event({ type: 'Bad' }), ['type']],
  ['what only old events have', V1, event({ deprecatedCount: 1, deprecatedSource: { component: 'c' } }), ['count', 'source']],
  [
    'another namespace without a time',
    V1,
    event({ eventTime: null, regarding: { namespace: 'o' } }),
    ['involvedObject.namespace', 'eventTime'],
  ],
  ['a core event', CORE, coreEvent(), []],
  ['a core event of another namespace', CORE, coreEvent({ involvedObject: { namespace: 'o' } }), ['involvedObject.namespace']],
  ['a core event of no namespace', CORE, coreEvent({ involvedObject: {} }), ['involvedObject.namespace']],
  [
    'a core event with a time',
    CORE,
    coreEvent({ eventTime: 'now' }),
    ['reportingComponent', 'reportingComponent', 'reportingComponent', 'reportingInstance', 'action'],
  ],
];

for (const [what, kind, object, fields] of NEW)
  test(`validateCreate finds ${fields.length === 0 ? 'no fault' : fields.join(', ')} in ${what}`, () => {
    const found = validateCreate(kind, object).map(({ field }) => field);
    assert.deepEqual(found, fields);
  });

test('validateUpdate lets only the series of an event change', () => {
  assert.deepEqual(validateUpdate(V1, event({ series: SERIES }), event()), []);
  const once = event({ series: { ...SERIES, count: 1 } });
  assert.deepEqual(validateUpdate(V1, once, once), []);
  assert.deepEqual(
    validateUpdate(V1, once, event()).map(({ field }) => field),
    ['series.count'],
  );
  const changes = { reason: 'Other', note: 'other', type: 'Warning', regarding: { kind: 'Pod', namespace: 'n', name: 'q' } };
  const fields = validateUpdate(V1, event(changes), event()).map(({ field }) => field);
  assert.deepEqual(fields, ['involvedObject', 'reason', 'message', 'reason', 'type']);
  assert.deepEqual(validateUpdate(CORE, coreEvent({ count: 2, message: 'again' }), coreEvent()), []);
});
