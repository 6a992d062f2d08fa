import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import type { Pod, PodSpec, ReplicationController } from '../../../../src/api/types/core-v1.gen.ts';
import { LocalClient } from '../../../../src/client/local-client.ts';
import { PODS, REPLICATION_CONTROLLERS } from '../../../../src/client/resources.ts';
import {
  claimObjects,
  controllerOf,
  controllerRef,
  isControlledBy,
  planClaims,
} from '../../../../src/server/controllers/controller-ref.ts';
import { FakeApi } from '../../../support/fake-api.ts';

type Metadata = KubeObject['metadata'];
const selector = { matches: (labels: Readonly<Record<string, string>>) => labels['app'] === 'web' };
const owner = (extra: Metadata = {}): KubeObject => ({ metadata: { name: 'rc', namespace: 'ns', uid: 'u1', ...extra } });
const ref = (uid: string, controller = true) => ({ apiVersion: 'v1', kind: 'ReplicationController', name: 'rc', uid, controller });
const pod = (extra: Metadata = {}): Pod & KubeObject => ({
  metadata: { name: 'p', namespace: 'ns', labels: { app: 'web' }, ...extra },
  spec: { containers: [] } satisfies PodSpec,
});
const deleted = '2026-01-01T00:00:00Z';

describe('controllerRef', () => {
  it('names the owner and blocks its deletion', () => {
    assert.deepEqual(controllerRef(owner(), { group: 'apps', version: 'v1', kind: 'ReplicaSet' }), {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      name: 'rc',
      uid: 'u1',
      controller: true,
      blockOwnerDeletion: true,
    });
  });

  it('is found again by controllerOf and isControlledBy, unlike references that do not control', () => {
    const object = pod({ ownerReferences: [ref('u0', false), ref('u1')] });
    assert.equal(controllerOf(object)?.uid, 'u1');
    assert.ok(isControlledBy(object, owner()));
    assert.ok(!isControlledBy(pod({ ownerReferences: [ref('u1', false)] }), owner()));
  });
});

describe('planClaims', () => {
  const cases: [string, Metadata, Metadata, 'owned' | 'adopt' | 'release' | 'none'][] = [
    ['own and matching', {}, { ownerReferences: [ref('u1')] }, 'owned'],
    ['own and no longer matching', {}, { ownerReferences: [ref('u1')], labels: {} }, 'release'],
    ['own, no longer matching, owner going', { deletionTimestamp: deleted }, { ownerReferences: [ref('u1')], labels: {} }, 'none'],
    ["another controller's", {}, { ownerReferences: [ref('u2')] }, 'none'],
    ['orphan that matches', {}, {}, 'adopt'],
    ['orphan with an owner that does not control', {}, { ownerReferences: [ref('u2', false)] }, 'adopt'],
    ['orphan that does not match', {}, { labels: { app: 'db' } }, 'none'],
    ['orphan that is going', {}, { deletionTimestamp: deleted }, 'none'],
    ['orphan, owner going', { deletionTimestamp: deleted }, {}, 'none'],
    ['orphan of another namespace', {}, { namespace: 'other' }, 'none'],
  ];
  for (const [title, ownerMetadata, metadata, want] of cases) {
    it(`puts ${title}: ${want}`, () => {
      const plan = planClaims(owner(ownerMetadata), selector, [pod(metadata)]);
      const got = Object.entries(plan).filter(([, objects]) => objects.length > 0);
      assert.deepEqual(
        got.map(([name]) => name),
        want === 'none' ? [] : [want],
      );
    });
  }
});

describe('claimObjects', () => {
  async function world() {
    const api = new FakeApi();
    const client = new LocalClient(api, { name: 'test', groups: [] });
    const given: ReplicationController & KubeObject = { metadata: { name: 'rc', namespace: 'ns' }, spec: {} };
    const made = await client.create(REPLICATION_CONTROLLERS, given);
    const claim = { owner: made, ownerResource: REPLICATION_CONTROLLERS, resource: PODS, selector };
    return { api, client, claim, signal: new AbortController().signal };
  }

  it('adopts and releases, and returns what is owned afterwards', async () => {
    const { client, claim, signal } = await world();
    const orphan = await client.create(PODS, pod({ name: 'orphan' }));
    const uid = claim.owner.metadata.uid ?? '';
    const strayed = await client.create(PODS, pod({ name: 'strayed', labels: {}, ownerReferences: [ref(uid), ref('u9', false)] }));
    const owned = await claimObjects(client, { ...claim, objects: [orphan, strayed] }, signal);
    assert.deepEqual(
      owned.map((p) => [p.metadata.name, controllerOf(p)?.uid]),
      [['orphan', uid]],
    );
    const left = await client.get(PODS, { namespace: 'ns', name: 'strayed' });
    assert.deepEqual(
      left.metadata.ownerReferences?.map((r) => r.uid),
      ['u9'],
    );
  });

  it('does not adopt for an owner that is gone or another', async () => {
    const { client, claim, signal } = await world();
    const orphan = await client.create(PODS, pod());
    const other = { ...claim.owner, metadata: { ...claim.owner.metadata, uid: 'older' } };
    await assert.rejects(claimObjects(client, { ...claim, owner: other, objects: [orphan] }, signal), { reason: 'Conflict' });
    assert.equal((await client.get(PODS, { namespace: 'ns', name: 'p' })).metadata.ownerReferences, undefined);
  });

  it('fails with a conflict when the object changed, and passes over one that is gone', async () => {
    const { client, claim, signal } = await world();
    const orphan = await client.create(PODS, pod());
    await client.update(PODS, { ...orphan, metadata: { ...orphan.metadata, labels: { app: 'db' } } });
    await assert.rejects(claimObjects(client, { ...claim, objects: [orphan] }, signal), { reason: 'Conflict' });
    await client.delete(PODS, { namespace: 'ns', name: 'p' });
    assert.deepEqual(await claimObjects(client, { ...claim, objects: [orphan] }, signal), []);
  });
});
