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
      metrics: [memory, cpu],
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

const MEMORY_SHARE = {
  type: 'Resource',
  resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 70 } },
};

const flatMetrics: [title: string, metric: object, flat: object][] = [
  ['a share of a resource', MEMORY_SHARE, { type: 'Resource', resource: { name: 'memory', targetAverageUtilization: 70 } }],
  [
    'an amount of a resource',
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '100m' } } },
    { type: 'Resource', resource: { name: 'cpu', targetAverageValue: '100m' } },
  ],
  [
    'a resource of a container',
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'web', target: { type: 'Utilization', averageUtilization: 60 } },
    },
    { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'web', targetAverageUtilization: 60 } },
  ],
  [
    'a metric of pods',
    { type: 'Pods', pods: { metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '10' } } },
    { type: 'Pods', pods: { metricName: 'hits', targetAverageValue: '10' } },
  ],
  [
    'a metric of an object',
    {
      type: 'Object',
      object: { describedObject: { kind: 'Ingress', name: 'i' }, metric: { name: 'hits' }, target: { type: 'Value', value: '10' } },
    },
    { type: 'Object', object: { target: { kind: 'Ingress', name: 'i' }, metricName: 'hits', targetValue: '10' } },
  ],
  [
    'an average of an object',
    {
      type: 'Object',
      object: {
        describedObject: { kind: 'Ingress', name: 'i' },
        metric: { name: 'hits' },
        target: { type: 'AverageValue', averageValue: '5' },
      },
    },
    { type: 'Object', object: { target: { kind: 'Ingress', name: 'i' }, metricName: 'hits', targetValue: '0', averageValue: '5' } },
  ],
  [
    'a metric from outside',
    {
      type: 'External',
      external: { metric: { name: 'q', selector: { matchLabels: { a: 'b' } } }, target: { type: 'Value', value: '30' } },
    },
    { type: 'External', external: { metricName: 'q', metricSelector: { matchLabels: { a: 'b' } }, targetValue: '30' } },
  ],
];

for (const [title, metric, flat] of flatMetrics) {
  test(`autoscaling/v1 tells ${title} in its annotation as upstream does, and reads it back`, async () => {
    const hpa = conversion('autoscaling', 'v1', 'horizontalpodautoscalers');
    const stored = {
      kind: 'HorizontalPodAutoscaler',
      apiVersion: 'autoscaling/v2',
      metadata: {},
      spec: { maxReplicas: 3, metrics: [metric] },
    };
    const shown = hpa.fromStored(stored as KubeObject);
    assert.deepEqual(JSON.parse(shown.metadata.annotations?.['autoscaling.alpha.kubernetes.io/metrics'] ?? ''), [flat]);
    assert.deepEqual(Reflect.get(await hpa.toStored(shown), 'spec'), stored.spec);
  });
}

test('autoscaling/v1 tells the metrics of a status as upstream does, and reads them back', async () => {
  const hpa = conversion('autoscaling', 'v1', 'horizontalpodautoscalers');
  const currentMetrics = [
    { type: 'Resource', resource: { name: 'cpu', current: { averageValue: '20m', averageUtilization: 40 } } },
    { type: 'Pods', pods: { metric: { name: 'hits' }, current: { averageValue: '7' } } },
    { type: 'External', external: { metric: { name: 'q' }, current: { value: '3' } } },
  ];
  const stored = {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: {},
    spec: { maxReplicas: 3 },
    status: { desiredReplicas: 1, currentMetrics, conditions: [] },
  };
  const shown = hpa.fromStored(stored as unknown as KubeObject);
  assert.equal(Reflect.get(Reflect.get(shown, 'status') as object, 'currentCPUUtilizationPercentage'), 40);
  assert.deepEqual(Object.keys(shown.metadata.annotations ?? {}), ['autoscaling.alpha.kubernetes.io/current-metrics']);
  assert.deepEqual(JSON.parse(shown.metadata.annotations?.['autoscaling.alpha.kubernetes.io/current-metrics'] ?? ''), [
    { type: 'Resource', resource: { name: 'cpu', currentAverageUtilization: 40, currentAverageValue: '20m' } },
    { type: 'Pods', pods: { metricName: 'hits', currentAverageValue: '7' } },
    { type: 'External', external: { metricName: 'q', currentValue: '3' } },
  ]);
  const back = await hpa.toStored(shown);
  assert.deepEqual(Reflect.get(Reflect.get(back, 'status') as object, 'currentMetrics'), currentMetrics);
});

test('autoscaling/v1 tells the behavior as upstream does, and reads it in either spelling', async () => {
  const hpa = conversion('autoscaling', 'v1', 'horizontalpodautoscalers');
  const key = 'autoscaling.alpha.kubernetes.io/behavior';
  const behavior = { scaleUp: { selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }] } };
  const annotations = { [key]: 'written through v2', mine: 'kept' };
  const stored = {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: { annotations },
    spec: { maxReplicas: 3, behavior },
  };
  const shown = hpa.fromStored(stored as KubeObject);
  assert.deepEqual(JSON.parse(shown.metadata.annotations?.[key] ?? ''), {
    ScaleUp: { SelectPolicy: 'Max', Policies: [{ Type: 'Pods', Value: 4, PeriodSeconds: 15 }] },
  });
  for (const text of [shown.metadata.annotations?.[key] ?? '', JSON.stringify({ ...behavior, scaleDown: null })]) {
    const back = await hpa.toStored({ ...shown, metadata: { annotations: { [key]: text, mine: 'kept' } } });
    assert.deepEqual([Reflect.get(back, 'spec'), back.metadata], [stored.spec, { annotations: { mine: 'kept' } }]);
  }
  const plain = hpa.fromStored({ ...stored, spec: { maxReplicas: 3 } } as KubeObject);
  assert.deepEqual(plain.metadata, { annotations: { mine: 'kept' } });
});

test('other resources are stored as they are served', () => {
  assert.equal(conversionOf({ group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' }), undefined);
  assert.equal(conversionOf({ group: '', version: 'v1', resource: 'events' }), undefined);
});
