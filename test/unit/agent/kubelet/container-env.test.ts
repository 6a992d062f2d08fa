import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { containerEnv, type EnvSources } from '../../../../src/agent/kubelet/container-env.ts';
import { expand } from '../../../../src/agent/kubelet/expansion.ts';
import { serviceEnv } from '../../../../src/agent/kubelet/service-env.ts';
import type { Container, Service } from '../../../../src/api/types/core-v1.gen.ts';
import { pod } from './pod-world.ts';

describe('expand', () => {
  const rows: [string, string][] = [
    ['$(A)', 'a'],
    ['$(A)$(B)x', 'abx'],
    ['$(NO)', '$(NO)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$a'],
    ['$A', '$A'],
    ['$(A', '$(A'],
    ['$', '$'],
    ['$()', '$()'],
  ];
  for (const [text, want] of rows)
    it(`makes ${want} of ${text}`, () =>
      assert.equal(
        expand(text, (n) => ({ A: 'a', B: 'b' })[n]),
        want,
      ));
});

const service = (name: string, namespace: string, clusterIP: string): Service => ({
  metadata: { name, namespace },
  spec: {
    clusterIP,
    ports: [
      { name: 'http', port: 80 },
      { name: 'dns-udp', port: 53, protocol: 'UDP' },
    ],
  },
});

describe('serviceEnv', () => {
  const all = [
    service('kubernetes', 'default', '10.43.0.1'),
    service('my-db', 'x', '10.43.0.2'),
    service('none', 'x', 'None'),
    service('far', 'y', '10.43.0.3'),
  ];
  it('gives the API to all, and links of the own namespace', () => {
    const env = serviceEnv(all, 'x', true);
    assert.equal(env.get('KUBERNETES_SERVICE_HOST'), '10.43.0.1');
    assert.equal(env.get('MY_DB_SERVICE_PORT_DNS_UDP'), '53');
    assert.equal(env.get('MY_DB_PORT'), 'tcp://10.43.0.2:80');
    assert.equal(env.get('MY_DB_PORT_53_UDP_PROTO'), 'udp');
    assert.ok(![...env.keys()].some((k) => k.startsWith('NONE') || k.startsWith('FAR')));
  });
  it('gives only the API without links', () => {
    assert.ok([...serviceEnv(all, 'x', false).keys()].every((k) => k.startsWith('KUBERNETES_')));
  });
});

const sources: EnvSources = {
  services: new Map([['SVC', 'svc']]),
  allocatable: { cpu: '4' },
  configMap: async (name) => (name === 'cm' ? { metadata: {}, data: { k: 'v', l: 'w' } } : undefined),
  secret: async (name) => (name === 's' ? { metadata: {}, data: { k: 'eA==' } } : undefined),
};
const env = async (more: Partial<Container>) => containerEnv(pod(), { name: 'a', ...more }, sources);

describe('containerEnv', () => {
  it('lets env win over envFrom, and both over Services', async () => {
    const got = await env({
      envFrom: [{ configMapRef: { name: 'cm' } }, { prefix: 'S_', secretRef: { name: 's' } }],
      env: [
        { name: 'k', value: 'own' },
        { name: 'SVC', value: 'mine' },
      ],
    });
    assert.deepEqual(Object.fromEntries(got), { k: 'own', l: 'w', S_k: 'x', SVC: 'mine' });
  });
  it('expands what came before in env, and Services', async () => {
    const got = await env({
      env: [
        { name: 'X', value: '$(Y)' },
        { name: 'Y', value: '1' },
        { name: 'Z', value: '$(Y)$(SVC)' },
      ],
    });
    assert.deepEqual([got.get('X'), got.get('Z')], ['$(Y)', '1svc']);
  });
  it('expands names that came with envFrom, each time with their value so far', async () => {
    const env1 = [
      { name: 'X', value: '$(k)' },
      { name: 'k', value: 'own-$(k)' },
      { name: 'Z', value: '$(k)' },
    ];
    const got = await env({ envFrom: [{ configMapRef: { name: 'cm' } }], env: env1 });
    assert.deepEqual([got.get('X'), got.get('k'), got.get('Z')], ['v', 'own-v', 'own-v']);
  });
  it('leaves optional keys out', async () => {
    const got = await env({ env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'no', key: 'k', optional: true } } }] });
    assert.equal(got.has('X'), false);
  });
  const bad: [Partial<Container>, string][] = [
    [{ env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'cm', key: 'no' } } }] }, "couldn't find key no in ConfigMap default/cm"],
    [{ env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'no', key: 'k' } } }] }, 'secret "no" not found'],
    [{ envFrom: [{ configMapRef: { name: 'no' } }] }, 'configmap "no" not found'],
    [{ env: [{ name: 'X', valueFrom: { fieldRef: { fieldPath: 'spec.no' } } }] }, 'unsupported fieldPath: spec.no'],
  ];
  for (const [container, message] of bad) it(`says ${message}`, () => assert.rejects(env(container), { message }));
});
