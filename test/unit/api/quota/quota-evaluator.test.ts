import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { quotaEvaluator } from '../../../../src/api/quota/quota-evaluator.ts';
import { inScopes } from '../../../../src/api/quota/quota-scopes.ts';
import { formatAmounts } from '../../../../src/api/resource-amounts.ts';
import type { ResourceQuotaSpec } from '../../../../src/api/types/core-v1.gen.ts';

const NOW = Date.UTC(2026, 0, 1);

const evaluatorOf = (name: string) => {
  const [resource = '', ...group] = name.split('.');
  const found = quotaEvaluator({ resource, group: group.join('.') });
  assert.ok(found, name);
  return found;
};

const object = (body: object, metadata: object = {}): KubeObject => ({ metadata: { name: 'o', namespace: 'n', ...metadata }, ...body });
const container = (requests: object, limits: object = {}, more: object = {}) => ({ name: 'c', resources: { requests, limits }, ...more });

describe('usage', () => {
  const cpu = { cpu: '100m' };
  const cases: [string, string, KubeObject, Record<string, string>][] = [
    ['a ConfigMap is counted by both names', 'configmaps', object({}), { configmaps: '1', 'count/configmaps': '1' }],
    ['a Deployment', 'deployments.apps', object({}), { 'count/deployments.apps': '1' }],
    ['a custom object', 'widgets.example.com', object({}), { 'count/widgets.example.com': '1' }],
    ['a pod that asks for nothing', 'pods', object({ spec: { containers: [{}] } }), { 'count/pods': '1', pods: '1' }],
    [
      'a pod is the sum of its containers, or its largest init container',
      'pods',
      object({
        spec: {
          containers: [container(cpu, { memory: '1Mi' }), container(cpu)],
          initContainers: [container({ cpu: '150m', memory: '2Mi' })],
        },
      }),
      {
        'count/pods': '1',
        cpu: '200m',
        'limits.memory': '1Mi',
        memory: '2Mi',
        pods: '1',
        'requests.cpu': '200m',
        'requests.memory': '2Mi',
      },
    ],
    [
      'a sidecar and overhead are added',
      'pods',
      object({
        spec: { containers: [container(cpu)], initContainers: [container(cpu, {}, { restartPolicy: 'Always' })], overhead: { cpu: '1' } },
      }),
      { 'count/pods': '1', cpu: '1200m', pods: '1', 'requests.cpu': '1200m' },
    ],
    [
      'huge pages and extended resources are requests only',
      'pods',
      object({
        spec: {
          containers: [container({ 'hugepages-2Mi': '4Mi', 'example.com/gpu': '2', 'x.kubernetes.io/y': '1' }, { 'example.com/gpu': '2' })],
        },
      }),
      { 'count/pods': '1', 'hugepages-2Mi': '4Mi', pods: '1', 'requests.example.com/gpu': '2', 'requests.hugepages-2Mi': '4Mi' },
    ],
    [
      'a pod that has failed',
      'pods',
      object({ spec: { containers: [container(cpu)] }, status: { phase: 'Failed' } }),
      { 'count/pods': '1' },
    ],
    [
      'a pod whose grace period is over',
      'pods',
      object({ spec: { containers: [{}] } }, { deletionTimestamp: '2025-12-31T23:59:00Z', deletionGracePeriodSeconds: 30 }),
      { 'count/pods': '1' },
    ],
    [
      'a pod whose grace period runs',
      'pods',
      object({ spec: { containers: [{}] } }, { deletionTimestamp: '2025-12-31T23:59:00Z', deletionGracePeriodSeconds: 90 }),
      { 'count/pods': '1', pods: '1' },
    ],
    [
      'a load balancer without node ports of its own',
      'services',
      object({ spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 1 }, { port: 2, nodePort: 30000 }] } }),
      { 'count/services': '1', services: '1', 'services.loadbalancers': '1', 'services.nodeports': '1' },
    ],
    [
      'a claim while it shrinks back costs what is allocated, in whole bytes',
      'persistentvolumeclaims',
      object({ spec: { resources: { requests: { storage: '1500m' } } }, status: { allocatedResources: { storage: '3500m' } } }),
      { 'count/persistentvolumeclaims': '1', persistentvolumeclaims: '1', 'requests.storage': '4' },
    ],
    [
      'a claim of a class named by the old annotation',
      'persistentvolumeclaims',
      object({ spec: {} }, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'gold' } }),
      { 'count/persistentvolumeclaims': '1', 'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1', persistentvolumeclaims: '1' },
    ],
    [
      'a resource claim costs the most that any alternative takes',
      'resourceclaims.resource.k8s.io',
      object({
        spec: {
          devices: {
            requests: [
              { name: 'a', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2 } },
              {
                name: 'b',
                firstAvailable: [
                  { deviceClassName: 'gpu', count: 3 },
                  { deviceClassName: 'nic', allocationMode: 'All' },
                ],
              },
            ],
          },
        },
      }),
      {
        'count/resourceclaims.resource.k8s.io': '1',
        'gpu.deviceclass.resource.k8s.io/devices': '5',
        'nic.deviceclass.resource.k8s.io/devices': '32',
      },
    ],
  ];
  for (const [title, resource, given, want] of cases) {
    it(`of ${title}`, () => {
      assert.deepEqual(formatAmounts(evaluatorOf(resource).usage(given, NOW)), want);
    });
  }

  it('has names that its evaluator counts, and no other resource does', () => {
    for (const [, resource, given] of cases) {
      for (const name of evaluatorOf(resource).usage(given, NOW).keys()) {
        assert.ok(evaluatorOf(resource).counts(name), name);
        assert.ok(!evaluatorOf('leases.coordination.k8s.io').counts(name), name);
      }
    }
  });
});

describe('quotaEvaluator', () => {
  it('counts no Events, which come and go by themselves', () => {
    assert.equal(quotaEvaluator({ group: '', resource: 'events' }), undefined);
    assert.equal(quotaEvaluator({ group: 'events.k8s.io', resource: 'events' }), undefined);
  });
});

describe('inScopes', () => {
  const pod = (spec: object): KubeObject => object({ spec: { containers: [{ name: 'c' }], ...spec } });
  const byClass = (operator: string, ...values: string[]): ResourceQuotaSpec => ({
    scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, ...(values.length > 0 && { values }) }] },
  });
  const spread = (term: object) => pod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } });
  const cases: [string, ResourceQuotaSpec, KubeObject, boolean][] = [
    ['no scope', {}, pod({}), true],
    ['Terminating, a deadline', { scopes: ['Terminating'] }, pod({ activeDeadlineSeconds: 5 }), true],
    ['Terminating, no deadline', { scopes: ['Terminating'] }, pod({}), false],
    ['NotTerminating, no deadline', { scopes: ['NotTerminating'] }, pod({}), true],
    ['two scopes, one of them holds', { scopes: ['NotTerminating', 'NotBestEffort'] }, pod({}), false],
    ['BestEffort', { scopes: ['BestEffort'] }, pod({}), true],
    ['PriorityClass In', byClass('In', 'high'), pod({ priorityClassName: 'high' }), true],
    ['PriorityClass In, another', byClass('In', 'high'), pod({ priorityClassName: 'low' }), false],
    ['PriorityClass NotIn, none', byClass('NotIn', 'high'), pod({}), true],
    ['PriorityClass Exists, none', byClass('Exists'), pod({}), false],
    ['PriorityClass DoesNotExist, none', byClass('DoesNotExist'), pod({}), true],
    ['CrossNamespacePodAffinity, own namespace', { scopes: ['CrossNamespacePodAffinity'] }, spread({ topologyKey: 'zone' }), false],
    [
      'CrossNamespacePodAffinity, others',
      { scopes: ['CrossNamespacePodAffinity'] },
      spread({ topologyKey: 'zone', namespaceSelector: {} }),
      true,
    ],
  ];
  for (const [title, spec, given, want] of cases) {
    it(`of ${title} is ${want}`, () => assert.equal(inScopes(evaluatorOf('pods'), spec, given), want));
  }

  it('finds claims by any volume attributes class that they name', () => {
    const spec: ResourceQuotaSpec = {
      scopeSelector: { matchExpressions: [{ scopeName: 'VolumeAttributesClass', operator: 'In', values: ['fast'] }] },
    };
    const claims = evaluatorOf('persistentvolumeclaims');
    assert.ok(inScopes(claims, spec, object({ spec: { volumeAttributesClassName: 'fast' } })));
    assert.ok(inScopes(claims, spec, object({ spec: {}, status: { currentVolumeAttributesClassName: 'fast' } })));
    assert.ok(!inScopes(claims, spec, object({ spec: { volumeAttributesClassName: 'slow' } })));
  });

  it('has no scope for what is only counted', () => {
    assert.ok(!inScopes(evaluatorOf('secrets'), { scopes: ['BestEffort'] }, object({})));
  });
});
