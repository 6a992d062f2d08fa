import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { Pod } from '../../../../src/api/types/core-v1.gen.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS } from '../../../../src/client/resources.ts';
import { ephemeralVolumeController } from '../../../../src/server/controllers/ephemeral-volume.ts';
import { inWorld } from '../../../support/controller-world.ts';

const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const pod = (name: string): Pod & KubeObject => ({
  metadata: { name, namespace: 'ns' },
  spec: {
    containers: [{ name: 'c', image: 'i' }],
    volumes: [
      { name: 'scratch', ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: 'b' } }, spec } } },
      { name: 'other', emptyDir: {} },
    ],
  },
});

describe('ephemeralVolumeController', () => {
  it('makes the claim of a pod, which owns it, and makes it again when it went', () =>
    inWorld(async (world) => {
      const { metadata } = await world.create(PODS, pod('p'));
      await world.run(ephemeralVolumeController);
      const claim = await world.get(PERSISTENT_VOLUME_CLAIMS, 'ns/p-scratch');
      assert.deepEqual(claim?.spec, spec);
      assert.deepEqual(claim?.metadata.labels, { a: 'b' });
      assert.deepEqual(claim?.metadata.ownerReferences, [
        { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: metadata.uid, controller: true, blockOwnerDeletion: true },
      ]);
      assert.equal((await world.all(PERSISTENT_VOLUME_CLAIMS)).length, 1);
      await world.client.delete(PERSISTENT_VOLUME_CLAIMS, { namespace: 'ns', name: 'p-scratch' });
      await world.settle();
      assert.ok(await world.get(PERSISTENT_VOLUME_CLAIMS, 'ns/p-scratch'));
    }));

  it('tells of a claim of that name that is not of the pod', () =>
    inWorld(async (world) => {
      await world.create(PERSISTENT_VOLUME_CLAIMS, { metadata: { name: 'p-scratch', namespace: 'ns' }, spec });
      await world.create(PODS, pod('p'));
      await world.run(ephemeralVolumeController);
      assert.deepEqual(world.events, ['p: EphemeralVolumeConflict PVC ns/p-scratch was not created for pod ns/p (pod is not owner)']);
    }));
});
