// The life of a pod: init containers, probes, hooks, restarts, volumes, images that are not there.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TEST_IMAGE } from '../../../scripts/images/test-image.ts';
import type { TestCluster } from '../support/cluster.ts';
import { shellPod, WAIT } from '../support/manifests.ts';
import { eventually } from '../support/shell.ts';

const mount = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] };
const shared = (volume: object = { emptyDir: {} }): object => ({ volumes: [{ name: 'shared', ...volume }] });
const shell = (name: string, script: string, more: object = {}): object => ({
  name,
  image: TEST_IMAGE,
  command: ['sh', '-c', script],
  ...more,
});

/** The suite. */
export function pods(of: () => TestCluster): void {
  describe('the life of a pod', () => {
    test('init containers run one after the other before the containers, and a sidecar beside them', async () => {
      const { kubectl } = of();
      const initContainers = [
        shell('one', 'echo one >> /shared/log', mount),
        shell('side', `echo side >> /shared/log; ${WAIT}`, { ...mount, restartPolicy: 'Always' }),
        shell('two', 'echo two >> /shared/log', mount),
      ];
      await kubectl.apply(shellPod('init', `cat /shared/log; ${WAIT}`, { spec: { ...shared(), initContainers }, container: mount }));
      await kubectl.ready('init');
      assert.equal(await kubectl.run(['logs', 'init']), 'one\nside\ntwo\n');
      assert.match(await kubectl.run(['get', 'pod', 'init']), /init\s+2\/2\s+Running/);
      await kubectl.run(['delete', 'pod', 'init']);
    });

    test('a pod that ends is Completed, one that fails is restarted with back-off', async () => {
      const { kubectl } = of();
      await kubectl.apply(shellPod('done', 'echo bye', { spec: { restartPolicy: 'Never' } }), shellPod('fails', 'echo oh no; exit 3'));
      await kubectl.until('pod done', '{.status.phase}', (phase) => phase === 'Succeeded');
      assert.match(await kubectl.run(['get', 'pod', 'done']), /done\s+0\/1\s+Completed/);
      await kubectl.until('pod fails', '{.status.containerStatuses[0].state.waiting.reason}', (reason) => reason === 'CrashLoopBackOff');
      assert.equal(await kubectl.path('pod fails', '{.status.containerStatuses[0].lastState.terminated.exitCode}'), '3');
      assert.match(
        await kubectl.run(['describe', 'pod', 'fails']),
        /Warning\s+BackOff\s+.*Back-off restarting failed container main in pod fails_default/,
      );
      assert.equal(await kubectl.run(['logs', 'fails', '--previous']), 'oh no\n');
      await kubectl.run(['delete', 'pod', 'done', 'fails']);
    });

    test('a failing liveness probe restarts, a failing readiness probe only takes out of the Service', async () => {
      const { kubectl } = of();
      const livenessProbe = { exec: { command: ['cat', '/tmp/alive'] }, periodSeconds: 1, failureThreshold: 1 };
      const readinessProbe = { exec: { command: ['cat', '/tmp/ready'] }, periodSeconds: 1 };
      await kubectl.apply(shellPod('probed', `touch /tmp/alive /tmp/ready; ${WAIT}`, { container: { livenessProbe, readinessProbe } }));
      await kubectl.ready('probed');
      await kubectl.run(['exec', 'probed', '--', 'rm', '/tmp/ready']);
      await kubectl.until('pod probed', '{.status.conditions[?(@.type=="Ready")].status}', (status) => status === 'False');
      assert.equal(await kubectl.path('pod probed', '{.status.containerStatuses[0].restartCount}'), '0');
      await kubectl.run(['exec', 'probed', '--', 'rm', '/tmp/alive']);
      await kubectl.until('pod probed', '{.status.containerStatuses[0].restartCount}', (count) => count === '1');
      await kubectl.ready('probed');
      const text = await kubectl.run(['describe', 'pod', 'probed']);
      assert.match(text, /Warning\s+Unhealthy\s+.*Readiness probe failed: cat: /);
      assert.match(text, /Normal\s+Killing\s+.*Container main failed liveness probe, will be restarted/);
      await kubectl.run(['delete', 'pod', 'probed']);
    });

    test('a pod that is deleted runs its preStop hook and gets its grace period', async () => {
      const { kubectl } = of();
      const lifecycle = { preStop: { exec: { command: ['sh', '-c', 'echo stopping > /shared/stop'] } } };
      const host = `${of().server.root}/prestop`;
      await kubectl.apply(
        shellPod('graceful', `trap "echo term >> /shared/stop; exit 0" TERM; while :; do sleep 1 & wait $!; done`, {
          spec: { ...shared({ hostPath: { path: host, type: 'DirectoryOrCreate' } }), terminationGracePeriodSeconds: 20 },
          container: { ...mount, lifecycle },
        }),
        shellPod('reader', WAIT, { spec: shared({ hostPath: { path: host, type: 'DirectoryOrCreate' } }), container: mount }),
      );
      await kubectl.ready('graceful');
      await kubectl.ready('reader');
      const started = Date.now();
      await kubectl.run(['delete', 'pod', 'graceful']);
      assert.ok(Date.now() - started < 15_000, 'it ended by itself, before the grace period');
      assert.equal(await kubectl.run(['exec', 'reader', '--', 'cat', '/shared/stop']), 'stopping\nterm\n');
      await kubectl.run(['delete', 'pod', 'reader']);
    });

    test('memory beyond the limit is OOMKilled', async () => {
      const { kubectl } = of();
      const resources = { limits: { memory: '24Mi' } };
      await kubectl.apply(shellPod('hungry', 'tail /dev/zero', { spec: { restartPolicy: 'Never' }, container: { resources } }));
      const reason = await kubectl.until('pod hungry', '{.status.containerStatuses[0].state.terminated.reason}', (value) => value !== '');
      assert.equal(reason, 'OOMKilled');
      await kubectl.run(['delete', 'pod', 'hungry']);
    });

    test('an image that cannot be pulled says ErrImagePull and ImagePullBackOff, one that must not be pulled ErrImageNeverPull', async () => {
      const { kubectl } = of();
      await kubectl.apply(
        shellPod('nowhere', WAIT, { container: { image: '127.0.0.1:1/none:1' } }),
        shellPod('never', WAIT, { container: { image: 'none:1', imagePullPolicy: 'Never' } }),
      );
      await kubectl.until('pod never', '{.status.containerStatuses[0].state.waiting.reason}', (reason) => reason === 'ErrImageNeverPull');
      await kubectl.until('pod nowhere', '{.status.containerStatuses[0].state.waiting.reason}', (reason) => reason === 'ImagePullBackOff');
      const text = await kubectl.run(['describe', 'pod', 'nowhere']);
      assert.match(text, /Warning\s+Failed\s+.*Failed to pull image "127\.0\.0\.1:1\/none:1"/);
      assert.match(text, /Warning\s+Failed\s+.*Error: ErrImagePull/);
      await kubectl.run(['delete', 'pod', 'nowhere', 'never']);
    });

    test('volumes: memory, downward API, projected, sub-path', async () => {
      const { kubectl } = of();
      const spec = {
        volumes: [
          { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
          { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
          {
            name: 'all',
            projected: {
              sources: [
                { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
                { serviceAccountToken: { path: 'token', audience: 'vault' } },
              ],
            },
          },
        ],
      };
      const volumeMounts = [
        { name: 'memory', mountPath: '/memory' },
        { name: 'memory', mountPath: '/part', subPath: 'deep/part' },
        { name: 'info', mountPath: '/info' },
        { name: 'all', mountPath: '/all' },
      ];
      const script = `touch /part/x; ls /memory/deep/part; grep -c ' /memory tmpfs' /proc/mounts; cat /info/labels; echo; cat /all/name; echo; cut -c1-3 /all/token; ${WAIT}`;
      await kubectl.apply(shellPod('volumes', script, { spec, container: { volumeMounts } }));
      await kubectl.ready('volumes');
      assert.equal(await kubectl.run(['logs', 'volumes']), 'x\n1\napp="volumes"\nvolumes\neyJ\n');
      await kubectl.run(['delete', 'pod', 'volumes']);
    });

    test('kills the process of a container: it is restarted with the count up', async () => {
      const { kubectl } = of();
      await kubectl.apply(shellPod('killed', WAIT));
      await kubectl.ready('killed');
      await kubectl.run(['exec', 'killed', '--', 'sh', '-c', 'kill 1; sleep 1']).catch(() => '');
      await kubectl.until('pod killed', '{.status.containerStatuses[0].restartCount}', (count) => count === '1');
      await eventually('it runs again', async () => (await kubectl.run(['get', 'pod', 'killed'])).includes('1/1'));
      await kubectl.run(['delete', 'pod', 'killed']);
    });
  });
}
