// Calls of the control plane's own parts, recorded like requests: upstream's controllers ask over the network and stand in the log, too.

import { randomUUID } from 'node:crypto';
import { StatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { ApiBackend, ApiCall } from '../../client/api-backend.ts';
import { jsonText } from '../http/encoded-object.ts';
import type { AuditedRequest, AuditRecord } from './audit-record.ts';

/** Begins the record of a call; undefined = nothing is to be recorded. */
export type BeginRecord = (request: AuditedRequest) => AuditRecord | undefined;

/** The backend with its calls recorded. */
export function auditedBackend(backend: ApiBackend, begin: BeginRecord): ApiBackend {
  return {
    async call(call) {
      const record = beginCall(call, begin);
      if (!record) return await backend.call(call);
      try {
        const result = await backend.call({ ...call, annotate: record.annotate });
        record.takeResponse(() => result, jsonText);
        record.complete(call.verb === 'create' ? 201 : 200);
        return result;
      } catch (error) {
        recordFailure(record, error);
        throw error;
      }
    },
    async *watch(call) {
      const record = beginCall(call, begin);
      record?.start(200);
      try {
        yield* backend.watch(call);
        record?.complete(200);
      } catch (error) {
        if (record) recordFailure(record, error);
        throw error;
      } finally {
        record?.complete(200); // Who reads may stop reading.
      }
    },
  };
}

function beginCall(call: ApiCall, begin: BeginRecord): AuditRecord | undefined {
  const record = begin({
    auditId: randomUUID(),
    requestUri: uriOf(call),
    verb: call.verb,
    user: call.user,
    sourceIps: ['127.0.0.1'],
    userAgent: call.userAgent,
    object: { ...call.resource, namespace: call.namespace, name: call.name, subresource: call.subresource },
    isLongRunning: call.verb === 'watch',
  });
  if (typeof call.body === 'object' && call.body !== null) record?.takeRequest(call.body, jsonText);
  return record;
}

function recordFailure(record: AuditRecord, error: unknown): void {
  if (!(error instanceof StatusError)) {
    record.panic(messageOf(error));
    return;
  }
  record.takeStatus(error.status, jsonText);
  record.complete(error.code);
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
