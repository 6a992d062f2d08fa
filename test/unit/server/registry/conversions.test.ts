import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { conversionOf } from '../../../../src/server/registry/conversions.ts';

const conversion = (group: string, version: string, resource: string) => {
  const found = conversionOf({ group, version, resource });
  assert.ok(found);
  return found;
};

test('an event written in either group reads the same in the other', async () => {
  const events = conversion('events.k8s.io', 'v1', 'events');
  const event = {
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: { name: 'e', namespace: 'default' },
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'kts/scheduler',
    reportingInstance: 'n1',
    action: 'Binding',
    reason: 'Scheduled',
    regarding: { kind: 'Pod', name: 'web' },
    note: 'hello',
    type: 'Normal',
  };
  const stored = await events.toStored(event);
  assert.deepEqual(
    ['apiVersion', 'message', 'involvedObject', 'reportingComponent'].map((field) => Reflect.get(stored, field)),
    ['v1', 'hello', { kind: 'Pod', name: 'web' }, 'kts/scheduler'],
  );
  const shown = events.fromStored(stored);
  for (const [field, value] of Object.entries(event)) assert.deepEqual(Reflect.get(shown, field), value, field);
});

test('an autoscaler loses nothing on its way through autoscaling/v1', async () => {
  const hpa = conversion('autoscaling', 'v1', 'horizontalpodautoscalers');
  const memory = { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 70 } } };
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } };
  const stored = {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: { name: 'h', annotations: { mine: 'kept' } },
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: 'web' },
      maxReplicas: 3,
      metrics: [cpu, memory],
      behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
    },
  };
  const shown = hpa.fromStored(stored as KubeObject) as KubeObject & { spec: Record<string, unknown> };
  assert.deepEqual(
    [shown.apiVersion, shown.spec['targetCPUUtilizationPercentage'], shown.spec['metrics']],
    ['autoscaling/v1', 50, undefined],
  );
  const back = (await hpa.toStored(shown)) as KubeObject & { spec: unknown };
  assert.deepEqual([back.spec, back.metadata], [stored.spec, stored.metadata]);
});

test('other resources are stored as they are served', () => {
  assert.equal(conversionOf({ group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' }), undefined);
  assert.equal(conversionOf({ group: '', version: 'v1', resource: 'events' }), undefined);
});
