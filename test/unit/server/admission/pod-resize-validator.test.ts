import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError } from '../../../../src/api/status-error.ts';
import { ACCOUNT, admit, NAMESPACE, podOf, podRequest, refusalFor } from '../../../support/admission.ts';

const node = (allocatable: object, labels: object = { 'kubernetes.io/os': 'linux' }): object => ({
  kind: 'Node',
  metadata: { name: 'n1', labels },
  status: { allocatable },
});
const sized = (cpu: string, memory: string, nodeName: string | undefined = 'n1') =>
  podOf({ containers: [{ name: 'web', image: 'web', resources: { requests: { cpu, memory } } }], ...(nodeName && { nodeName }) });
const resize = (pod: object, old: object = sized('1', '1Gi'), subresource = 'resize') =>
  podRequest(pod, { operation: 'UPDATE', subresource, oldObject: old as never });
const objects = (...nodes: object[]) => [NAMESPACE, ACCOUNT, ...nodes];
const BIG = { cpu: '2', memory: '2Gi' };
const why = (text: string): string => `pods "web" is forbidden: ${text}`;

describe('PodResizeValidator', () => {
  it('lets a pod have what its node can give', async () => {
    await admit(resize(sized('2', '2Gi')), objects(node(BIG)));
  });

  it('refuses what its node could never give, and names the cause', async () => {
    const error = await admit(resize(sized('2500m', '3Gi')), objects(node(BIG))).catch((fault: unknown) => fault);
    assert.ok(error instanceof StatusError);
    const lacking = 'cpu, requested: 2500, allocatable: 2000; memory, requested: 3221225472, allocatable: 2147483648';
    assert.deepEqual([error.code, error.message], [403, why(`Node didn't have enough allocatable resources: ${lacking}`)]);
    assert.deepEqual(error.status.details?.causes, [{ reason: 'NodeCapacity' }]);
  });

  it('refuses on nodes of another system', async () => {
    const { message } = await refusalFor(resize(sized('2', '1Gi')), objects(node(BIG, { 'kubernetes.io/os': 'windows' })));
    assert.equal(message, why('pod resize is only supported on linux nodes, node "n1" is "windows"'));
  });

  it('refuses where the node is not there', async () => {
    assert.equal((await refusalFor(resize(sized('2', '1Gi')), objects())).message, why('node "n1" not found'));
  });

  it('leaves pods without a node, sizes that stay, and other updates alone', async () => {
    await admit(resize(sized('9', '1Gi', ''), sized('1', '1Gi', '')), objects());
    await admit(resize(sized('9', '1Gi'), sized('9', '1Gi')), objects(node(BIG)));
    await admit(resize(sized('9', '1Gi'), sized('1', '1Gi'), 'status'), objects(node(BIG)));
  });
});
