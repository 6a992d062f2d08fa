import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError } from '../../../../src/api/status-error.ts';
import type { AdmissionRequest } from '../../../../src/server/admission/admission.ts';
import { type EventLimit, eventRateLimit } from '../../../../src/server/admission/event-rate-limit.ts';
import { podRequest } from '../../../support/admission.ts';

const EVENTS = {
  resource: { group: '', version: 'v1', resource: 'events' },
  kind: { group: '', version: 'v1', kind: 'Event' },
} as const;
const about = (name: string): object => ({
  kind: 'Event',
  metadata: { name: 'e', namespace: 'shop' },
  source: { component: 'kubelet', host: 'n1' },
  involvedObject: { kind: 'Pod', namespace: 'shop', name, uid: 'u', apiVersion: 'v1' },
});
const event = (more: Partial<AdmissionRequest> = {}, name = 'web') => podRequest(about(name), { ...EVENTS, ...more });
const limit = (type: EventLimit['type'], more: Partial<EventLimit> = {}): EventLimit => ({ type, qps: 1, burst: 2, cacheSize: 8, ...more });

/** The plugin at a time that the test sets. Returns what it says: `''` = nothing. */
function limiter(...limits: EventLimit[]) {
  const time = { ms: 0 };
  const plugin = eventRateLimit(limits, { monotonic: () => time.ms });
  const says = (request: AdmissionRequest): string => {
    try {
      plugin.validate?.(request);
      return '';
    } catch (error) {
      assert.ok(error instanceof StatusError);
      assert.deepEqual([error.code, error.reason], [429, 'TooManyRequests']);
      return error.message;
    }
  };
  return { time, says };
}

const reached = (type: string, key: string): string => `Too many requests: limit reached on type ${type} for key ${key}`;

describe('EventRateLimit', () => {
  it('lets a burst through, then as many a second as it says', () => {
    const { time, says } = limiter(limit('Server'));
    assert.deepEqual([says(event()), says(event()), says(event())], ['', '', reached('Server', '')]);
    time.ms = 999;
    assert.equal(says(event()), reached('Server', ''));
    time.ms = 1_000;
    assert.deepEqual([says(event()), says(event())], ['', reached('Server', '')]);
    time.ms = 60_000;
    assert.deepEqual([says(event()), says(event()), says(event())], ['', '', reached('Server', '')]);
  });

  const apart: readonly [type: EventLimit['type'], same: AdmissionRequest, other: AdmissionRequest, key: string][] = [
    ['Namespace', event({}, 'other'), event({ namespace: 'bank' }), 'shop'],
    ['User', event({ namespace: 'bank' }), event({ user: { name: 'joe', groups: [] } }), 'jane'],
    ['SourceAndObject', event({ user: { name: 'joe', groups: [] } }), event({}, 'other'), 'kubeletn1PodshopwebUv1'.replace('U', 'u')],
  ];
  for (const [type, same, other, key] of apart) {
    it(`counts apart by ${type}`, () => {
      const { says } = limiter(limit(type, { burst: 1 }));
      assert.deepEqual([says(event()), says(same), says(other)], ['', reached(type, key), '']);
    });
  }

  it('counts by every limit, and tells the last that is reached', () => {
    const { says } = limiter(limit('Server', { burst: 1 }), limit('User', { burst: 1 }));
    assert.deepEqual([says(event()), says(event())], ['', reached('User', 'jane')]);
  });

  it('forgets what was used longest ago beyond its size', () => {
    const { says } = limiter(limit('Namespace', { burst: 1, cacheSize: 1 }));
    assert.deepEqual([says(event()), says(event({ namespace: 'bank' })), says(event())], ['', '', '']);
  });

  const free: readonly [what: string, request: AdmissionRequest][] = [
    ['another kind', podRequest(about('web'))],
    ['a dry run', event({ dryRun: true })],
    ['a deletion', event({ operation: 'DELETE', object: undefined })],
    ['an event of events.k8s.io', event({ kind: { group: 'events.k8s.io', version: 'v1', kind: 'Event' } })],
  ];
  for (const [what, request] of free) {
    it(`does not count ${what}`, () => {
      const { says } = limiter(limit('Server', { burst: 1 }));
      assert.deepEqual([says(request), says(request), says(event())], ['', '', '']);
    });
  }
});
