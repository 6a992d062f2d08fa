import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  changedResources,
  greaterSizes,
  needsRestart,
  recordedSizes,
  refuseResize,
  withSizes,
} from '../../../../src/agent/kubelet/pod-sizes.ts';
import { statusPatch } from '../../../../src/agent/kubelet/status-patch.ts';
import type { Node, Pod, ResourceRequirements } from '../../../../src/api/types/core-v1.gen.ts';
import { pod } from './pod-world.ts';

const size = (cpu: string, memory: string): ResourceRequirements => ({ requests: { cpu, memory }, limits: { cpu, memory } });
const sized = (resources: ResourceRequirements, status: Pod['status'] = {}): Pod =>
  pod({ containers: [{ name: 'a', image: 'i', resources }] }, status);

describe('sizes', () => {
  it('differ by value, not by spelling', () => {
    assert.deepEqual(changedResources(size('1', '1Gi'), size('1000m', '1024Mi')), []);
    assert.deepEqual(changedResources(size('1', '1Gi'), size('2', '1Gi')), ['cpu']);
    assert.deepEqual(changedResources({}, size('2', '1Gi')), ['cpu', 'memory']);
  });
  it('are those of the status for containers that run, else those of the spec', () => {
    const status = { name: 'a', state: { running: {} }, resources: size('1', '1Gi'), allocatedResources: { cpu: '1', memory: '1Gi' } };
    const running = sized(size('2', '1Gi'), { containerStatuses: [status as never] });
    assert.deepEqual(recordedSizes(running).get('a'), size('1', '1Gi'));
    assert.deepEqual(recordedSizes(sized(size('2', '1Gi'))).get('a'), size('2', '1Gi'));
    assert.deepEqual(withSizes(running, recordedSizes(running)).spec.containers[0]?.resources, size('1', '1Gi'));
  });
  it('on the way are the greater of both', () => {
    assert.deepEqual(greaterSizes(new Map([['a', size('1', '2Gi')]]), new Map([['a', size('2', '1Gi')]])).get('a'), size('2', '2Gi'));
  });
  it('restart a container only for what its policy names', () => {
    const container = { name: 'a', resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] };
    assert.deepEqual([needsRestart(container, ['cpu']), needsRestart(container, ['cpu', 'memory'])], [false, true]);
  });
});

describe('refuseResize', () => {
  const node: Node = { metadata: {}, spec: {}, status: { allocatable: { cpu: '4', memory: '4Gi' } } };
  const rows: [string, string | undefined][] = [
    ['2', undefined],
    ['3', 'Deferred'],
    ['5', 'Infeasible'],
  ];
  for (const [cpu, reason] of rows)
    it(`says ${reason ?? 'yes'} to ${cpu} of 4 cores where 2 are taken`, () =>
      assert.equal(refuseResize(sized(size(cpu, '1Gi')), [sized(size('2', '1Gi'))], node)?.reason, reason));
});

describe('statusPatch', () => {
  it('deletes the conditions of a resize that is over, and no others', () => {
    const before = {
      conditions: [
        { type: 'PodResizePending', status: 'True' },
        { type: 'mine', status: 'True' },
      ],
    };
    assert.deepEqual(statusPatch('u', before, { conditions: [] }), {
      metadata: { uid: 'u' },
      status: { conditions: [{ $patch: 'delete', type: 'PodResizePending' }] },
    });
  });
});
