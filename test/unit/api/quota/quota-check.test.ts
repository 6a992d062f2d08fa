import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { checkQuotas, type QuotaWrite, usageOf } from '../../../../src/api/quota/quota-check.ts';
import { quotaEvaluator } from '../../../../src/api/quota/quota-evaluator.ts';
import { formatAmounts } from '../../../../src/api/resource-amounts.ts';
import type { ResourceQuota } from '../../../../src/api/types/core-v1.gen.ts';

type Quota = ResourceQuota & KubeObject;

function quota(hard: Record<string, string>, used?: Record<string, string>, spec: object = {}): Quota {
  return { metadata: { name: 'q', namespace: 'n' }, spec: { hard, ...spec }, status: { hard, ...(used && { used }) } };
}

function write(resource: string, object: object, more: Partial<QuotaWrite> = {}): QuotaWrite {
  const evaluator = quotaEvaluator({ group: '', resource });
  assert.ok(evaluator);
  return {
    evaluator,
    object: { metadata: { name: 'o', namespace: 'n' }, ...object },
    old: undefined,
    resource: { group: '', resource },
    limited: [],
    isStatus: false,
    nowMs: 0,
    ...more,
  };
}

const pod = (requests: object, limits: object = {}) => ({
  spec: { containers: [{ name: 'c', image: 'i', resources: { requests, limits } }] },
});

describe('checkQuotas', () => {
  it('adds what a write costs to what is used', () => {
    const verdict = checkQuotas(
      [quota({ pods: '3', 'requests.cpu': '1' }, { pods: '1', 'requests.cpu': '250m' })],
      write('pods', pod({ cpu: '500m' })),
    );
    assert.ok('charges' in verdict);
    assert.deepEqual(
      verdict.charges.map(({ used }) => used),
      [{ pods: '2', 'requests.cpu': '750m' }],
    );
  });

  const refusals: [string, Quota, QuotaWrite, string][] = [
    [
      'what is too much',
      quota({ pods: '2', 'limits.cpu': '2' }, { pods: '2', 'limits.cpu': '1' }),
      write('pods', pod({}, { cpu: '1500m' })),
      'exceeded quota: q, requested: limits.cpu=1500m,pods=1, used: limits.cpu=1,pods=2, limited: limits.cpu=2,pods=2',
    ],
    [
      'a pod that does not say what is counted',
      quota({ 'limits.cpu': '2', 'limits.memory': '1Gi' }, { 'limits.cpu': '0', 'limits.memory': '0' }),
      write('pods', {
        spec: { containers: [{ name: 'b', resources: { limits: { cpu: '1' } } }, { name: 'a' }], initContainers: [{ name: 'i' }] },
      }),
      'failed quota: q: must specify limits.cpu for: a,i; limits.memory for: a,b,i',
    ],
    [
      'everything while nothing is known of the usage',
      quota({ pods: '2', 'requests.cpu': '1' }),
      write('pods', pod({ cpu: '1' })),
      'status unknown for quota: q, resources: pods,requests.cpu',
    ],
  ];
  for (const [title, given, request, fault] of refusals) {
    it(`refuses ${title}`, () => assert.deepEqual(checkQuotas([given], request), { fault }));
  }

  const passes: [string, Quota, QuotaWrite][] = [
    ['what a quota does not count', quota({ secrets: '0' }, { secrets: '0' }), write('configmaps', {})],
    ['what lies in another scope', quota({ pods: '0' }, { pods: '0' }, { scopes: ['Terminating'] }), write('pods', pod({}))],
    [
      'pod-level resources in place of those of containers',
      quota({ memory: '1' }, { memory: '0' }),
      write('pods', { spec: { containers: [{ name: 'c' }], resources: {} } }),
    ],
    [
      'an update that changes nothing',
      quota({ services: '1' }, { services: '1' }),
      write('services', { spec: {} }, { old: { metadata: {} } }),
    ],
    [
      'an update that shrinks, even of a quota that is exceeded',
      quota({ 'requests.cpu': '1' }, { 'requests.cpu': '3' }),
      write('pods', pod({ cpu: '1' }), { old: { metadata: {}, ...pod({ cpu: '2' }) } }),
    ],
  ];
  for (const [title, given, request] of passes) {
    it(`lets pass ${title}`, () => assert.deepEqual(checkQuotas([given], request), { charges: [] }));
  }

  it('charges all of an object to a quota that did not count it before', () => {
    const given = quota(
      { 'requests.storage': '9Gi' },
      { 'requests.storage': '0' },
      { scopeSelector: { matchExpressions: [{ scopeName: 'VolumeAttributesClass', operator: 'Exists' }] } },
    );
    const claim = (name?: string): object => ({
      spec: { resources: { requests: { storage: '2Gi' } }, ...(name && { volumeAttributesClassName: name }) },
    });
    const verdict = checkQuotas([given], write('persistentvolumeclaims', claim('fast'), { old: { metadata: {}, ...claim() } }));
    assert.ok('charges' in verdict);
    assert.deepEqual(verdict.charges[0]?.used, { 'requests.storage': '2Gi' });
  });

  it('counts what a status says beyond the limit, and refuses nothing', () => {
    const old = { metadata: {}, spec: { resources: { requests: { storage: '1Gi' } } } };
    const grown = { ...old, status: { allocatedResources: { storage: '3Gi' } } };
    const verdict = checkQuotas(
      [quota({ 'requests.storage': '1Gi' }, { 'requests.storage': '1Gi' })],
      write('persistentvolumeclaims', grown, { old, isStatus: true }),
    );
    assert.ok('charges' in verdict);
    assert.deepEqual(verdict.charges[0]?.used, { 'requests.storage': '3Gi' });
  });
});

describe('checkQuotas of limited resources', () => {
  const consumed = {
    apiGroup: '',
    resource: 'persistentvolumeclaims',
    matchContains: ['.storageclass.storage.k8s.io/requests.storage'],
    matchScopes: [],
  };
  const classes = [{ scopeName: 'PriorityClass', operator: 'In', values: ['high', 'higher'] }];
  const prioritized = { apiGroup: '', resource: 'pods', matchContains: [], matchScopes: classes };
  const claim = { spec: { storageClassName: 'gold', resources: { requests: { storage: '1Gi' } } } };
  const gold = 'gold.storageclass.storage.k8s.io/requests.storage';
  const high = { spec: { containers: [{ name: 'c' }], priorityClassName: 'high' } };
  const open = quota({ pods: '9' }, { pods: '0' }, { scopeSelector: { matchExpressions: classes } });
  const cases: [string, Quota[], QuotaWrite, string | undefined][] = [
    ['what no quota counts', [], write('persistentvolumeclaims', claim, { limited: [consumed] }), `insufficient quota to consume: ${gold}`],
    [
      'what a quota counts',
      [quota({ [gold]: '2Gi' }, { [gold]: '0' })],
      write('persistentvolumeclaims', claim, { limited: [consumed] }),
      undefined,
    ],
    [
      'what is not more than before',
      [],
      write('persistentvolumeclaims', claim, { limited: [consumed], old: { metadata: {}, ...claim } }),
      undefined,
    ],
    [
      'a class that no quota is about',
      [quota({ pods: '9' }, { pods: '0' })],
      write('pods', high, { limited: [prioritized] }),
      'insufficient quota to match these scopes: [{PriorityClass In [high higher]}]',
    ],
    ['a class that a quota is about', [open], write('pods', high, { limited: [prioritized] }), undefined],
    ['a pod of another class', [], write('pods', pod({}), { limited: [prioritized] }), undefined],
  ];
  for (const [title, quotas, request, fault] of cases) {
    it(`${fault === undefined ? 'let pass' : 'refuse'} ${title}`, () => {
      const verdict = checkQuotas(quotas, request);
      assert.equal('fault' in verdict ? verdict.fault : undefined, fault);
    });
  }
});

describe('usageOf', () => {
  it('adds up what lies in the scopes, and says zero for what is not there', () => {
    const { evaluator } = write('pods', {});
    const objects = [pod({ cpu: '1' }), pod({}), pod({ cpu: '500m' })].map((body) => ({ metadata: {}, ...body }));
    const given = quota({ 'requests.cpu': '1', 'limits.cpu': '1', secrets: '1' }, {}, { scopes: ['NotBestEffort'] });
    assert.deepEqual(formatAmounts(usageOf(evaluator, given, { objects, nowMs: 0 })), { 'limits.cpu': '0', 'requests.cpu': '1500m' });
  });
});
