// A node under stress: many pods at once leave nothing behind, and the runtime may die at any time.

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestCluster } from '../support/cluster.ts';
import type { KtsNode } from '../support/kts-node.ts';
import { shellPod, WAIT } from '../support/manifests.ts';
import { eventually, runOk } from '../support/shell.ts';

const CROWD = 10;

/** Names below a directory; of one that is not there none. */
function namesIn(directory: string, options: { readonly recursive: boolean } = { recursive: false }): readonly string[] {
  return existsSync(directory) ? readdirSync(directory, { ...options, encoding: 'utf8' }) : [];
}

/** The directories of pods' cgroups, whatever the driver calls them. */
const isPodCgroup = (path: string): boolean => /pod[0-9a-f]{8}[^/]*$/.test(path);

/** Where the node's cgroups are: the memory hierarchy of v1, or v2. */
function cgroupDirectory(node: KtsNode): string {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '));
  const memory = mounts.find(([, , type, options = '']) => type === 'cgroup' && options.split(',').includes('memory'));
  const unified = mounts.find(([, , type]) => type === 'cgroup2');
  return join(memory?.[1] ?? unified?.[1] ?? '/sys/fs/cgroup', node.cgroupRoot);
}

/** What pods use of the machine. */
async function uses(node: KtsNode): Promise<Readonly<Record<string, number>>> {
  const links = await runOk('ip', ['-n', node.machine.netns, '-o', 'link', 'show', 'type', 'veth']);
  return {
    mounts: readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(node.root)).length,
    cgroups: namesIn(cgroupDirectory(node), { recursive: true }).filter(isPodCgroup).length,
    directories: namesIn(join(node.root, 'kubelet/pods')).length,
    logs: namesIn(join(node.root, 'log/pods')).length + namesIn(join(node.root, 'log/containers')).length,
    links: links.split('\n').length,
  };
}

/** The node's containerd. */
function containerdPid(node: KtsNode): number {
  const config = join(node.dataDir, 'agent/containerd');
  const found = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      return readlinkSync(`/proc/${name}/exe`).endsWith('/containerd') && words.some((word) => word.startsWith(config));
    } catch {
      return false; // it ended meanwhile
    }
  });
  assert.equal(found.length, 1, 'one containerd of the node');
  return Number(found[0]);
}

/** The suite. */
export function nodeFaults(of: () => TestCluster): void {
  describe('a node under stress', () => {
    test('many pods at once start, each with its address, and twice leave nothing behind', async () => {
      const { kubectl, server } = of();
      const spec = { nodeName: 'node1', volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }] };
      const volumeMounts = [
        { name: 'memory', mountPath: '/memory' },
        { name: 'memory', mountPath: '/part', subPath: 'a/b' },
      ];
      const names = Array.from({ length: CROWD }, (_, i) => `crowd-${i}`);
      const metadata = { labels: { app: 'crowd' } };
      const pods = names.map((name) => shellPod(name, WAIT, { spec, container: { volumeMounts }, metadata: { ...metadata, name } }));
      const before = await uses(server);
      for (let round = 1; round <= 2; round++) {
        await kubectl.apply(...pods);
        await kubectl.run(['wait', '--for=condition=Ready', 'pod', '-l', 'app=crowd', '--timeout=60s']);
        const addresses = await kubectl.run(['get', 'pods', '-l', 'app=crowd', '-o', 'jsonpath={.items[*].status.podIP}']);
        assert.equal(new Set(addresses.split(' ')).size, CROWD);
        await kubectl.run(['delete', 'pods', '-l', 'app=crowd']);
        await eventually(
          'everything of the pods is gone',
          async () => {
            const now = await uses(server);
            const left = Object.entries(now).filter(([what, count]) => count > (before[what] ?? 0));
            if (left.length > 0) throw new RangeError(`left: ${JSON.stringify(left)} of ${JSON.stringify(before)}`);
            return true;
          },
          20_000,
        );
      }
    });

    test('containerd killed with -9: containers run on, pods and node stay ready, new pods start', async () => {
      const { kubectl, server } = of();
      const spec = { nodeName: 'node1' };
      const readinessProbe = { exec: { command: ['true'] }, periodSeconds: 1 };
      await kubectl.apply(shellPod('survivor', WAIT, { spec, container: { readinessProbe } }));
      await kubectl.ready('survivor');
      const state = (): Promise<string> =>
        kubectl.path(
          'pod survivor',
          '{.status.containerStatuses[0].containerID} {.status.containerStatuses[0].restartCount} {.status.conditions[?(@.type=="Ready")]}',
        );
      const before = await state();
      const pid = containerdPid(server);
      process.kill(pid, 'SIGKILL');
      await kubectl.apply(shellPod('newcomer', WAIT, { spec }));
      await kubectl.ready('newcomer');
      assert.notEqual(containerdPid(server), pid);
      assert.equal(await state(), before);
      assert.equal(await kubectl.path('node node1', '{.status.conditions[?(@.type=="Ready")].status}'), 'True');
      assert.equal(await kubectl.run(['exec', 'survivor', '--', 'echo', 'works']), 'works\n');
      await kubectl.run(['delete', 'pod', 'survivor', 'newcomer']);
    });
  });
}
