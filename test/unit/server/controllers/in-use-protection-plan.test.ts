import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { attributesClassesOf, claimsInUse, planFinalizers } from '../../../../src/server/controllers/in-use-protection-plan.ts';

const podOf = (spec: object, status: object = {}): Pod =>
  ({
    metadata: { name: 'p', namespace: 'ns' },
    spec: {
      containers: [],
      nodeName: 'n',
      volumes: [
        { name: 'v', persistentVolumeClaim: { claimName: 'c' } },
        { name: 'e', ephemeral: {} },
      ],
      ...spec,
    },
    status,
  }) as Pod;

describe('claimsInUse', () => {
  const cases: [string, Pod, string[]][] = [
    ['a pod on a node', podOf({}), ['ns/c', 'ns/p-e']],
    ['a pod that has no node yet', podOf({ nodeName: '' }), []],
    ['a pod that has ended', podOf({}, { phase: 'Failed' }), []],
    ['a pod without claims', podOf({ volumes: [{ name: 'x', emptyDir: {} }] }), []],
  ];
  for (const [title, pod, want] of cases)
    it(`of ${title} are ${want.join(', ') || 'none'}`, () => assert.deepEqual(claimsInUse(pod), want));
});

describe('attributesClassesOf', () => {
  it('are the wanted, the present and the coming one', () => {
    const status = {
      currentVolumeAttributesClassName: 'b',
      modifyVolumeStatus: { targetVolumeAttributesClassName: 'c', status: 'Pending' },
    };
    assert.deepEqual(attributesClassesOf({ metadata: {}, spec: { volumeAttributesClassName: 'a' }, status }), ['a', 'b', 'c']);
    assert.deepEqual(attributesClassesOf({ metadata: {}, spec: {} }), []);
  });
});

describe('planFinalizers', () => {
  const object = (finalizers: string[], deletionTimestamp?: string) => ({
    metadata: { finalizers, ...(deletionTimestamp && { deletionTimestamp }) },
  });
  const cases: [string, Parameters<typeof planFinalizers>, string[] | undefined][] = [
    ['an object that is not protected', [object(['x']), 'f', false], ['x', 'f']],
    ['an object that is', [object(['f']), 'f', false], undefined],
    ['a going object that is used', [object(['f'], 'now'), 'f', true], undefined],
    ['a going object that is not', [object(['x', 'f'], 'now'), 'f', false], ['x']],
    ['a going object that was let go', [object(['x'], 'now'), 'f', false], undefined],
  ];
  for (const [title, given, want] of cases)
    it(`of ${title} is ${want ?? 'nothing'}`, () => assert.deepEqual(planFinalizers(...given), want));
});
