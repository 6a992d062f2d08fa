import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditDecision } from '../../../../src/server/audit/audit-policy.ts';
import { AuditRecord } from '../../../../src/server/audit/audit-record.ts';

const REQUEST = {
  auditId: 'id',
  requestUri: '/api/v1/namespaces/shop/secrets',
  verb: 'create',
  user: { name: 'jane', groups: [] },
  sourceIps: [],
  userAgent: undefined,
  object: undefined,
  isLongRunning: false,
};

function annotationsAt(level: AuditDecision['level']): unknown {
  const lines: string[] = [];
  const decision: AuditDecision = { level, omitStages: [], omitManagedFields: false };
  const record = new AuditRecord(REQUEST, decision, { write: (line) => void lines.push(line), now: () => '2026-01-01T00:00:00.000000Z' });
  record.annotate('mutation.webhook.admission.k8s.io/round_0_index_0', 'm');
  record.annotate('patch.webhook.admission.k8s.io/round_0_index_0', 'p');
  record.complete(201);
  return (JSON.parse(lines.at(-1) ?? '{}') as { annotations?: unknown }).annotations;
}

test('AuditRecord.annotate keeps the patches of webhooks for levels that tell of objects', () => {
  const mutation = { 'mutation.webhook.admission.k8s.io/round_0_index_0': 'm' };
  assert.deepEqual(annotationsAt('Metadata'), mutation);
  assert.deepEqual(annotationsAt('Request'), { ...mutation, 'patch.webhook.admission.k8s.io/round_0_index_0': 'p' });
});
