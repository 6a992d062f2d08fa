import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { existingPodWarnings, isSignificantChange, podTemplateOf } from '../../../../src/api/pod-security/pod-review.ts';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';

const podOf = (name: string, spec: object = {}, metadata: object = {}): Pod =>
  ({ metadata: { name, ...metadata }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } }) as Pod;

describe('isSignificantChange', () => {
  const old = podOf('p', { ephemeralContainers: [{ name: 'e', image: 'i' }] });
  const cases: [string, Pod, boolean][] = [
    ['a label', podOf('p', { ephemeralContainers: [{ name: 'e', image: 'i' }] }, { labels: { a: 'b' } }), false],
    ['an image', podOf('p', { containers: [{ name: 'c', image: 'other' }] }), true],
    [
      'an ephemeral container more',
      podOf('p', {
        ephemeralContainers: [
          { name: 'e', image: 'i' },
          { name: 'f', image: 'i' },
        ],
      }),
      true,
    ],
    ['a seccomp annotation', podOf('p', {}, { annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' } }), true],
    [
      'a seccomp annotation of a container',
      podOf('p', {}, { annotations: { 'container.seccomp.security.alpha.kubernetes.io/c': 'x' } }),
      true,
    ],
  ];
  for (const [title, pod, want] of cases) it(`of ${title} is ${want}`, () => assert.equal(isSignificantChange(pod, old), want));
});

describe('podTemplateOf', () => {
  it('finds the template of everything that makes pods', () => {
    const template = { metadata: {}, spec: { containers: [] } };
    const object = { metadata: {}, template, spec: { template, jobTemplate: { spec: { template } } } };
    for (const resource of [
      'podtemplates',
      'replicationcontrollers',
      'replicasets.apps',
      'deployments.apps',
      'statefulsets.apps',
      'daemonsets.apps',
      'jobs.batch',
      'cronjobs.batch',
    ]) {
      assert.equal(podTemplateOf(resource, object), template, resource);
    }
    assert.equal(podTemplateOf('services', object), undefined);
    assert.equal(podTemplateOf('replicationcontrollers', { metadata: {} }), undefined);
  });
});

describe('existingPodWarnings', () => {
  const level = { level: 'baseline', minor: undefined } as const;
  it('names one pod of those that violate in the same way', () => {
    const pods = [
      podOf('c', { hostPID: true }),
      podOf('a', { hostPID: true }),
      podOf('b', { hostPID: true }),
      podOf('fine'),
      podOf('d', { hostNetwork: true, volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
    ];
    assert.deepEqual(existingPodWarnings('shop', pods, level), [
      'existing pods in namespace "shop" violate the new PodSecurity enforce level "baseline:latest"',
      'a (and 2 other pods): host namespaces',
      'd: host namespaces, hostPath volumes',
    ]);
  });

  it('looks at 3000 pods, at one of each owner first', () => {
    const owned = Array.from({ length: 3_100 }, (_, i) => podOf(`o-${i}`, {}, { ownerReferences: [{ uid: 'u', controller: true }] }));
    assert.deepEqual(existingPodWarnings('shop', [...owned, podOf('bad', { hostPID: true })], level), [
      'new PodSecurity enforce level only checked against the first 3000 of 3101 existing pods',
      'existing pods in namespace "shop" violate the new PodSecurity enforce level "baseline:latest"',
      'bad: host namespaces',
    ]);
  });
});
