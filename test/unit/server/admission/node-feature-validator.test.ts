import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ACCOUNT, admit, NAMESPACE, podOf, podRequest, refusalFor } from '../../../support/admission.ts';

const FEATURE = 'InPlacePodVerticalScalingInitContainers';
const node = (...declaredFeatures: string[]): object => ({
  kind: 'Node',
  metadata: { name: 'n1', labels: { 'kubernetes.io/os': 'linux' } },
  status: { allocatable: { cpu: '9', memory: '9Gi' }, declaredFeatures },
});
const pod = (cpu: string, shape: object = {}) =>
  podOf({
    containers: [{ name: 'web', image: 'web' }],
    initContainers: [{ name: 'init', image: 'web', resources: { requests: { cpu } }, ...shape }],
    nodeName: 'n1',
  });
const update = (next: object, old: object, subresource = 'resize') =>
  podRequest(next, { operation: 'UPDATE', subresource, oldObject: old as never });
const objects = (...nodes: object[]) => [NAMESPACE, ACCOUNT, ...nodes];
const lacks = (features: string): string =>
  `pods "web" is forbidden: pod update requires features ${features} which are not available on node "n1"`;

describe('NodeDeclaredFeatureValidator', () => {
  it('lets a pod become what its node declares to know', async () => {
    await admit(update(pod('2'), pod('1')), objects(node(FEATURE)));
  });

  it('refuses what the node does not declare', async () => {
    const { code, message } = await refusalFor(update(pod('2'), pod('1')), objects(node('Other')));
    assert.deepEqual([code, message], [403, lacks(FEATURE)]);
    const sized = podOf({ ...pod('2').spec, resources: { requests: { cpu: '3' } } });
    const both = await refusalFor(update(sized, pod('1')), objects(node()));
    assert.equal(both.message, lacks(`InPlacePodLevelResourcesVerticalScaling, ${FEATURE}`));
  });

  it('refuses where the node is not there', async () => {
    const { message } = await refusalFor(update(pod('2'), pod('1')), objects());
    assert.equal(message, 'pods "web" is forbidden: node "n1" not found');
  });

  it('leaves sidecars, other subresources and what stays alone', async () => {
    const sidecar = { restartPolicy: 'Always' };
    await admit(update(pod('2', sidecar), pod('1', sidecar)), objects(node()));
    await admit(update(pod('2'), pod('1'), 'status'), objects(node()));
    await admit(update(pod('1'), pod('1')), objects(node()));
  });
});
