import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../../src/api/types/core-v1.gen.ts';
import type { StorageClass } from '../../../../src/api/types/storage-v1.gen.ts';
import { planClaims } from '../../../../src/server/scheduler/volume-plan.ts';
import { node } from '../../../support/scheduling.ts';

const claim = (name: string, storage = '1Gi', storageClassName = 'slow'): PersistentVolumeClaim => ({
  metadata: { name, namespace: 'default', uid: name },
  spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
});
const volume = (name: string, storage: string, spec: Partial<PersistentVolume['spec']> = {}): PersistentVolume => ({
  metadata: { name },
  spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], storageClassName: 'slow', ...spec },
  status: { phase: 'Available' },
});
const storageClass = (provisioner: string, allowedTopologies: StorageClass['allowedTopologies'] = []): StorageClass => ({
  metadata: { name: 'slow' },
  provisioner,
  volumeBindingMode: 'WaitForFirstConsumer',
  allowedTopologies,
});
const onNode = (name: string) => ({
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] }] },
  },
});
const NONE = storageClass('kubernetes.io/no-provisioner');

const CASES: readonly {
  title: string;
  claims: PersistentVolumeClaim[];
  volumes: PersistentVolume[];
  class: StorageClass;
  want: string[] | undefined;
}[] = [
  {
    title: 'the smallest volume that is large enough',
    claims: [claim('c', '2Gi')],
    volumes: [volume('xl', '9Gi'), volume('s', '1Gi'), volume('m', '3Gi')],
    class: NONE,
    want: ['c = m'],
  },
  {
    title: 'one volume for each claim',
    claims: [claim('c'), claim('d')],
    volumes: [volume('v', '1Gi'), volume('w', '2Gi')],
    class: NONE,
    want: ['c = v', 'd = w'],
  },
  {
    title: 'nothing when a claim goes without',
    claims: [claim('c'), claim('d')],
    volumes: [volume('v', '1Gi')],
    class: NONE,
    want: undefined,
  },
  { title: 'no volume of another node', claims: [claim('c')], volumes: [volume('v', '1Gi', onNode('b'))], class: NONE, want: undefined },
  { title: 'a volume of this node', claims: [claim('c')], volumes: [volume('v', '1Gi', onNode('a'))], class: NONE, want: ['c = v'] },
  {
    title: 'no volume with other access modes',
    claims: [claim('c')],
    volumes: [volume('v', '1Gi', { accessModes: ['ReadOnlyMany'] })],
    class: NONE,
    want: undefined,
  },
  {
    title: 'no volume of another class',
    claims: [claim('c')],
    volumes: [volume('v', '1Gi', { storageClassName: 'fast' })],
    class: NONE,
    want: undefined,
  },
  {
    title: 'no volume that is promised to another claim',
    claims: [claim('c')],
    volumes: [volume('v', '1Gi', { claimRef: { namespace: 'default', name: 'x' } })],
    class: NONE,
    want: undefined,
  },
  {
    title: 'the volume that is promised to it',
    claims: [claim('c')],
    volumes: [volume('v', '1Gi', { claimRef: { namespace: 'default', name: 'c' } })],
    class: NONE,
    want: ['c = v'],
  },
  { title: 'a new volume when none suits', claims: [claim('c')], volumes: [], class: storageClass('kts.io/local'), want: ['c new'] },
  {
    title: 'no new volume where the class does not reach',
    claims: [claim('c')],
    volumes: [],
    class: storageClass('kts.io/local', [{ matchLabelExpressions: [{ key: 'zone', values: ['1'] }] }]),
    want: undefined,
  },
];
for (const { title, claims, volumes, class: only, want } of CASES) {
  test(`planClaims plans ${title}`, () => {
    const lookup = { claim: () => undefined, volume: () => undefined, volumes: () => volumes, storageClass: () => only };
    const steps = planClaims(claims, node('a'), lookup);
    const texts = steps?.map((s) =>
      s.kind === 'bind' ? `${s.claim.metadata.name} = ${s.volume.metadata.name}` : `${s.claim.metadata.name} new`,
    );
    assert.deepEqual(texts, want);
  });
}
