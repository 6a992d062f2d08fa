// The containerd supervisor on the real program: start, adoption, restart, clear failures. As root.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemChildren } from '../../src/base/child.ts';
import { systemClock } from '../../src/base/clock.ts';
import { hasCode } from '../../src/base/errors.ts';
import { systemExec } from '../../src/base/exec.ts';
import { silentLogger } from '../../src/base/log.ts';
import { Containerd, type ContainerdOptions } from '../../src/cri/containerd.ts';
import { isCriNotFound, isCriUnimplemented } from '../../src/cri/errors.ts';
import { SEARCH_PATH } from '../support/kubelet-world.ts';

const dir = mkdtempSync(join(tmpdir(), 'kts-containerd-'));
const options: ContainerdOptions = {
  dataDir: join(dir, 'data'),
  runDir: join(dir, 'run'),
  cniBinDir: join(dir, 'bin'),
  cniConfDir: join(dir, 'net.d'),
  sandboxImage: 'kts.local/pause:1',
  searchPath: SEARCH_PATH,
};
const make = (more: Partial<ContainerdOptions> = {}): Containerd =>
  new Containerd({ ...options, ...more }, { children: systemChildren, exec: systemExec, clock: systemClock, log: silentLogger });
const pidOf = (): number => (JSON.parse(readFileSync(join(dir, 'run/containerd.json'), 'utf8')) as { pid: number }).pid;

let last: Containerd | undefined;
async function started(more: Partial<ContainerdOptions> = {}): Promise<Containerd> {
  await last?.stop();
  const containerd = make(more);
  await containerd.start();
  last = containerd;
  return containerd;
}

describe('Containerd', () => {
  after(async () => {
    await last?.terminate();
    rmSync(dir, { recursive: true, force: true });
  });

  it('says what to install when containerd is missing', async () => {
    mkdirSync(join(dir, 'empty'));
    await assert.rejects(
      make({ searchPath: [join(dir, 'empty')] }).start(),
      (e) => hasCode(e, 'containerd-missing') && /apt-get install containerd/.test(String(e)),
    );
  });

  it('starts, answers, and leaves the process running when stopped; the next one adopts it', async () => {
    const one = await started();
    assert.match(one.version, /^\d+\.\d+\.\d+$/);
    assert.equal((await one.client.version()).runtimeName, 'containerd');
    const pid = pidOf();
    await one.stop();
    assert.equal(systemChildren.identity(pid)?.name, 'containerd');
    const two = await started();
    assert.equal(pidOf(), pid);
    assert.deepEqual(await two.client.listPodSandboxes(), []);
  });

  it('is started anew for another configuration', async () => {
    const pid = pidOf();
    const three = await started({ cniConfDir: join(dir, 'other.d') });
    assert.notEqual(pidOf(), pid);
    assert.equal(systemChildren.identity(pid), undefined);
    assert.deepEqual(await three.client.listImages(), []);
  });

  it('is started again when it dies, and the same client goes on', async () => {
    const containerd = await started({ cniConfDir: join(dir, 'other.d') });
    const again = new Promise<void>((resolve) => containerd.onRestart(resolve));
    process.kill(pidOf(), 'SIGKILL');
    await again;
    assert.deepEqual(await containerd.client.listPodSandboxes(), []);
  });

  it('reports failures by predicates', async () => {
    const containerd = await started({ cniConfDir: join(dir, 'other.d') });
    await assert.rejects(containerd.client.podSandboxStatus('none'), isCriNotFound);
    await assert.rejects(containerd.client.call('ListPodSandboxMetrics', {}), isCriUnimplemented);
    await containerd.client.removePodSandbox('none');
    await containerd.client.stopContainer('none', 0);
    assert.equal(await containerd.client.imageStatus('test.local/none:1'), undefined);
    await assert.rejects(containerd.client.version({ signal: AbortSignal.abort(new RangeError('x')) }), RangeError);
  });
});
