// EventRateLimit (not on by default): how many events may be written, in all, or for each namespace, user, or source and object.
// Rules: "Admission Control in Kubernetes", EventRateLimit; its configuration is eventratelimit.admission.k8s.io/v1alpha1; texts are upstream's.

import { StatusError } from '../../api/status-error.ts';
import type { Event } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import { LruMap } from '../../base/lru-map.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

/** What is counted together. */
export const EVENT_LIMIT_TYPES = ['Server', 'Namespace', 'User', 'SourceAndObject'] as const;

/** One limit. */
export interface EventLimit {
  readonly type: (typeof EVENT_LIMIT_TYPES)[number];
  /** Events a second. */
  readonly qps: number;
  /** Events at once. */
  readonly burst: number;
  /** What is counted apart at a time: what was used longest ago begins anew. */
  readonly cacheSize: number;
}

/** The plugin. */
export function eventRateLimit(limits: readonly EventLimit[], clock: Pick<Clock, 'monotonic'>): AdmissionPlugin {
  const enforced = limits.map((limit) => ({ limit, buckets: new LruMap<string, Bucket>(limit.type === 'Server' ? 1 : limit.cacheSize) }));
  return {
    name: 'EventRateLimit',
    validate(request) {
      const { operation, kind, dryRun } = request;
      // Events of events.k8s.io are another kind to upstream.
      if ((operation !== 'CREATE' && operation !== 'UPDATE') || dryRun || kind.group !== '' || kind.kind !== 'Event') return;
      let reached: string | undefined;
      // Every limit counts the event, also when another one is reached; the last one is told.
      for (const { limit, buckets } of enforced) {
        const key = KEYS[limit.type](request);
        if (!taken(limit, { buckets, key, now: clock.monotonic() })) reached = `limit reached on type ${limit.type} for key ${key}`;
      }
      if (reached !== undefined) throw new StatusError(429, 'TooManyRequests', `Too many requests: ${reached}`);
    },
  };
}

const KEYS: Readonly<Record<EventLimit['type'], (request: AdmissionRequest) => string>> = {
  Server: () => '',
  Namespace: ({ namespace }) => namespace,
  User: ({ user }) => user.name,
  SourceAndObject({ object }) {
    const { source, involvedObject } = object as Event; // The kind says so.
    const { kind, namespace, name, uid, apiVersion } = involvedObject ?? {};
    return [source?.component, source?.host, kind, namespace, name, uid, apiVersion].map((part) => part ?? '').join('');
  },
};

/** Tokens that are left, and when that was. */
interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** Takes a token if there is one; a bucket is full at first, and fills by `qps` a second. */
function taken({ qps, burst }: EventLimit, { buckets, key, now }: { buckets: LruMap<string, Bucket>; key: string; now: number }): boolean {
  const { tokens, at } = buckets.get(key) ?? { tokens: burst, at: now };
  const left = Math.min(burst, tokens + ((now - at) / 1000) * qps);
  const is = left >= 1;
  buckets.set(key, { tokens: is ? left - 1 : left, at: now });
  return is;
}
