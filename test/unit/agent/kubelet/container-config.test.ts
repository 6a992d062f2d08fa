import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { containerConfig } from '../../../../src/agent/kubelet/container-config.ts';
import { pod } from './pod-world.ts';

const facts = {
  attempt: 0,
  image: { id: 'sha256:1' } as never,
  env: new Map(),
  mounts: [],
  node: { memoryCapacity: 1 << 30, cgroupVersion: 2 as const },
  seccompDir: '',
  targetId: undefined,
};

const stopTimeout = (terminationGracePeriodSeconds?: number): string | undefined => {
  const container = { name: 'a', image: 'i' };
  const spec = { containers: [container], ...(terminationGracePeriodSeconds !== undefined && { terminationGracePeriodSeconds }) };
  return containerConfig(pod(spec), { container, kind: 'regular' }, facts).annotations?.['org.systemd.property.TimeoutStopUSec'];
};

describe('containerConfig', () => {
  it('lets systemd wait for the grace period of the pod when the machine shuts down', () => {
    assert.equal(stopTimeout(5), 'uint64 5000000');
    assert.equal(stopTimeout(), 'uint64 30000000');
  });
  it('never lets it wait for ever, nor longer than systemd does by itself', () => {
    assert.equal(stopTimeout(0), 'uint64 1000000');
    assert.equal(stopTimeout(86_400), 'uint64 90000000');
  });
});
