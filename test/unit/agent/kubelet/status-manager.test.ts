import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RuntimeHealth } from '../../../../src/agent/kubelet/runtime-fault.ts';
import { StatusManager } from '../../../../src/agent/kubelet/status-manager.ts';
import type { Pod, PodStatus } from '../../../../src/api/types/core-v1.gen.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

const READY: PodStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const UNREADY: PodStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] };

/** An API that has one pod. A patch sets the phase and the one condition. */
function world() {
  let version = 1;
  let status: PodStatus = {};
  const pod = (): Pod => ({
    metadata: { name: 'p', namespace: 'd', uid: 'u', resourceVersion: String(version) },
    spec: { containers: [] },
    status,
  });
  const patches: unknown[] = [];
  const patch = async (_resource: unknown, _name: unknown, { body }: { body: { status: PodStatus } }): Promise<Pod> => {
    patches.push(body.status);
    status = { ...status, ...body.status };
    version++;
    return pod();
  };
  const manager = new StatusManager({ client: { patch } as never, clock: new FakeClock(), log: silentLogger });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const others = (change: PodStatus): Pod => {
    status = change;
    version++;
    return pod();
  };
  return { manager, patches, pod, others, settled };
}

describe('StatusManager', () => {
  it('sets right what others change of the kubelet\u2019s own, and leaves the rest', async () => {
    const { manager, patches, pod, others, settled } = world();
    manager.set(pod(), READY);
    await settled();
    manager.reconcile(pod());
    manager.reconcile(others({ ...READY, nominatedNodeName: 'n' }));
    await settled();
    assert.equal(patches.length, 1);
    manager.reconcile(others(UNREADY));
    await settled();
    assert.equal(patches.length, 2);
    assert.deepEqual(pod().status, READY);
  });
  it('does not take an old version for what the API has', async () => {
    const { manager, pod, settled } = world();
    manager.set(pod(), READY);
    await settled();
    const old = pod();
    manager.set(old, UNREADY);
    await settled();
    manager.set(old, READY);
    await settled();
    assert.deepEqual(pod().status, READY);
  });
});

describe('RuntimeHealth', () => {
  it('takes a runtime for down when it has not answered for 30 s, and never did at first', async () => {
    const clock = new FakeClock();
    let up = false;
    const answer = { status: { conditions: [{ type: 'RuntimeReady', status: true, reason: '', message: '' }] } };
    const status = async () => {
      if (!up) throw new RangeError('no connection');
      return answer as never;
    };
    const health = new RuntimeHealth({ runtime: { status }, clock });
    assert.equal(await health.fault(), 'container runtime is down: no connection');
    up = true;
    assert.equal(await health.fault(), undefined);
    up = false;
    await clock.advance(29_000);
    assert.equal(await health.fault(), undefined);
    await clock.advance(2000);
    assert.equal(await health.fault(), 'container runtime is down: no connection');
  });
});
