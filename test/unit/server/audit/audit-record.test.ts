import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AuditEvent, EVENT_HEAD } from '../../../../src/server/audit/audit-event.ts';
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
  const record = new AuditRecord(REQUEST, decision, {
    write: ({ line }) => void lines.push(line),
    holdsUp: false,
    now: () => '2026-01-01T00:00:00.000000Z',
  });
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

function eventAt(level: AuditDecision['level']): AuditEvent {
  const events: AuditEvent[] = [];
  const decision: AuditDecision = { level, omitStages: [], omitManagedFields: false };
  const write = (event: AuditEvent): undefined => void events.push(event);
  const record = new AuditRecord(REQUEST, decision, { write, holdsUp: false, now: () => 'now' });
  record.takeRequest({ data: 'x'.repeat(100) }, JSON.stringify);
  record.annotate('a', 'b');
  record.complete(201);
  return events.at(-1) ?? assert.fail('no event');
}

test('AuditRecord gives events a form without objects, marked as truncated, at levels that have objects', () => {
  const { line, bare } = eventAt('Request');
  const whole = JSON.parse(line);
  const { requestObject, ...rest } = whole;
  assert.equal(requestObject.data.length, 100);
  assert.deepEqual(JSON.parse(bare() ?? ''), { ...rest, annotations: { a: 'b', 'audit.k8s.io/truncated': 'true' } });
  assert.equal(eventAt('Metadata').bare(), undefined);
  assert.ok(line.startsWith(EVENT_HEAD) && line.endsWith('}\n'));
});

test('AuditRecord.finish records the end at once only where requests wait for their events', async () => {
  for (const holdsUp of [true, false]) {
    const stages: unknown[] = [];
    const decision: AuditDecision = { level: 'Metadata', omitStages: [], omitManagedFields: false };
    const write = ({ line }: AuditEvent): Promise<boolean> | undefined => {
      stages.push(JSON.parse(line).stage);
      return holdsUp ? Promise.resolve(true) : undefined;
    };
    const record = new AuditRecord(REQUEST, decision, { write, holdsUp, now: () => 'now' });
    assert.equal(await record.receive(), holdsUp ? true : undefined);
    await record.finish(200);
    assert.deepEqual(stages, holdsUp ? ['RequestReceived', 'ResponseComplete'] : ['RequestReceived']);
    record.complete(200);
    assert.deepEqual(stages, ['RequestReceived', 'ResponseComplete']);
  }
});
