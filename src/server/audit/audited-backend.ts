// Calls of the control plane's own parts, recorded like requests: upstream's controllers ask over the network and stand in the log, too.

import { randomUUID } from 'node:crypto';
import { StatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { ApiBackend, ApiCall } from '../../client/api-backend.ts';
import { jsonText } from '../http/encoded-object.ts';
import type { AuditedRequest, AuditRecord } from './audit-record.ts';

/** A record that has begun; `received` is there when calls wait for their events, and rejects when this one must not go on. */
interface BegunRecord {
  readonly record: AuditRecord;
  readonly received: Promise<void> | undefined;
}

/** Begins the record of a call; undefined = nothing is to be recorded. */
export type BeginRecord = (request: AuditedRequest) => BegunRecord | undefined;

/** The backend with its calls recorded. */
export function auditedBackend(backend: ApiBackend, begin: BeginRecord): ApiBackend {
  return {
    async call(call) {
      const begun = beginCall(call, begin);
      if (!begun) return await backend.call(call);
      const { record, received } = begun;
      try {
        if (received) await received;
        const result = await backend.call({ ...call, annotate: record.annotate });
        record.takeResponse(() => result, jsonText);
        await record.complete(call.verb === 'create' ? 201 : 200);
        return result;
      } catch (error) {
        recordFailure(record, error);
        throw error;
      }
    },
    async *watch(call) {
      const { record, received } = beginCall(call, begin) ?? {};
      try {
        if (received) await received;
        record?.start(200);
        yield* backend.watch(call);
      } catch (error) {
        if (record) recordFailure(record, error);
        throw error;
      } finally {
        void record?.complete(200); // Who reads may stop reading.
      }
    },
  };
}

function beginCall(call: ApiCall, begin: BeginRecord): BegunRecord | undefined {
  const begun = begin({
    auditId: randomUUID(),
    requestUri: uriOf(call),
    verb: call.verb,
    user: call.user,
    sourceIps: ['127.0.0.1'],
    userAgent: call.userAgent,
    object: { ...call.resource, namespace: call.namespace, name: call.name, subresource: call.subresource },
    isLongRunning: call.verb === 'watch',
  });
  if (typeof call.body === 'object' && call.body !== null) begun?.record.takeRequest(call.body, jsonText);
  return begun;
}

function recordFailure(record: AuditRecord, error: unknown): void {
  if (!(error instanceof StatusError)) {
    record.panic(messageOf(error));
    return;
  }
  record.takeStatus(error.status, jsonText);
  void record.complete(error.code);
}

/** The path and query that the call would have as a request. */
function uriOf({ resource, namespace, name, subresource, verb, options }: ApiCall): string {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`;
  const place = namespace === '' ? [] : ['namespaces', namespace];
  const path = [root, ...place, resource.resource, name, subresource].filter((part) => part !== '').join('/');
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(options)) if (value !== undefined) query.set(key, String(value));
  if (verb === 'watch') query.set('watch', 'true');
  return query.size === 0 ? path : `${path}?${query}`;
}
