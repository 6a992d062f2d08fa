// A second node: joins, takes what the first could not, is lost, comes back.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TestCluster } from '../support/cluster.ts';
import { request, service, shellPod, WAIT, WEB, webDeployment } from '../support/manifests.ts';
import { eventually } from '../support/shell.ts';

const APART = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { labelSelector: { matchLabels: { app: 'apart' } }, topologyKey: 'kubernetes.io/hostname' },
      ],
    },
  },
};
const on = (node: string): object => ({ spec: { nodeName: node } });

/** The suite; it starts the agent. */
export function secondNode(of: () => TestCluster): void {
  describe('a second node', () => {
    before(async () => {
      const { kubectl } = of();
      await kubectl.apply(webDeployment('apart', 2, APART), service('apart'));
    });

    after(() => of().kubectl.run(['delete', 'deployment/apart', 'service/apart', '--ignore-not-found']));

    test('without it the second replica stays Pending and an event says why', async () => {
      const { kubectl } = of();
      await kubectl.until('deployment apart', '{.status.readyReplicas}', (ready) => ready === '1');
      await eventually('FailedScheduling', async () =>
        /Warning\s+FailedScheduling\s+\S+\s+\S*\s*default-scheduler\s+0\/1 nodes are available: 1 node\(s\) didn't match pod anti-affinity rules/.test(
          await kubectl.run(['describe', 'pods', '-l', 'app=apart']),
        ),
      );
    });

    test('it joins with the token, becomes Ready, and takes the pending pod', async () => {
      const cluster = of();
      await cluster.agent.startAgent(cluster.url, cluster.token);
      assert.match(await cluster.kubectl.run(['get', 'nodes']), /node2\s+Ready\s+<none>/);
      await cluster.kubectl.until('deployment apart', '{.status.readyReplicas}', (ready) => ready === '2');
      const nodes = await cluster.kubectl.run(['get', 'pods', '-l', 'app=apart', '-o', 'jsonpath={.items[*].spec.nodeName}']);
      assert.deepEqual(nodes.split(' ').sort(), ['node1', 'node2']);
    });

    test('pods, Services and DNS work across both, from both', async () => {
      const { kubectl } = of();
      await kubectl.apply(
        shellPod('from1', WAIT, on('node1')),
        shellPod('from2', WAIT, on('node2')),
        shellPod('web1', WEB, on('node1')),
        shellPod('web2', WEB, on('node2')),
      );
      for (const pod of ['from1', 'from2', 'web1', 'web2']) await kubectl.ready(pod);
      for (const [from, to] of [
        ['from1', 'web2'],
        ['from2', 'web1'],
        ['from2', 'web2'],
      ] as const) {
        const ip = await kubectl.path(`pod ${to}`, '{.status.podIP}');
        assert.match(await kubectl.run(['exec', from, '--', 'sh', '-c', request(ip, 8080)]), new RegExp(`${to}\\n$`), `${from} to ${to}`);
      }
      for (const from of ['from1', 'from2']) {
        const seen = new Set<string>();
        await eventually(`${from} reaches both pods by name`, async () => {
          seen.add((await kubectl.run(['exec', from, '--', 'sh', '-c', request('apart', 80)])).trim().split('\n').at(-1) ?? '');
          return seen.size === 2;
        });
      }
    });

    test('logs, exec and port-forward reach it', async () => {
      const { kubectl } = of();
      assert.equal(await kubectl.run(['exec', 'web2', '--', 'hostname']), 'web2\n');
      assert.equal((await kubectl.try(['logs', 'web2'])).code, 0);
    });

    test('it is lost: NotReady, tainted, its pods are replaced; it returns and is reconciled', async () => {
      const cluster = of();
      const { kubectl, lan, agent } = cluster;
      const tolerations = ['node.kubernetes.io/unreachable', 'node.kubernetes.io/not-ready'].map((key) => ({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 2,
      }));
      await kubectl.apply(webDeployment('moves', 1, { tolerations, nodeSelector: { 'kubernetes.io/hostname': 'node2' } }));
      await kubectl.run(['rollout', 'status', 'deployment/moves', '--timeout=60s']);
      await kubectl.run([
        'patch',
        'deployment',
        'moves',
        '--type=json',
        '-p',
        '[{"op":"remove","path":"/spec/template/spec/nodeSelector"}]',
        '--dry-run=server',
      ]);
      const pod = await kubectl.run(['get', 'pods', '-l', 'app=moves', '-o', 'jsonpath={.items[0].metadata.name}']);
      await lan.cable(agent.machine, 'down');
      await kubectl.until('node node2', '{.status.conditions[?(@.type=="Ready")].status}', (status) => status === 'Unknown', 90_000);
      assert.match(await kubectl.run(['get', 'nodes']), /node2\s+NotReady/);
      await kubectl.until('node node2', '{.spec.taints[*].key}', (keys) => keys.includes('node.kubernetes.io/unreachable'));
      await kubectl.until(`pod ${pod}`, '{.metadata.deletionTimestamp}', (time) => time !== '', 30_000);
      await eventually(
        'a replacement is made',
        async () => (await kubectl.run(['get', 'pods', '-l', 'app=moves', '-o', 'name'])).trim().split('\n').length === 2,
      );
      await lan.cable(agent.machine, 'up');
      await kubectl.until('node node2', '{.status.conditions[?(@.type=="Ready")].status}', (status) => status === 'True', 90_000);
      await eventually('the old pod is gone', async () => (await kubectl.try(['get', 'pod', pod])).code === 1);
      await kubectl.run(['rollout', 'status', 'deployment/moves', '--timeout=60s']);
      await kubectl.run(['delete', 'deployment', 'moves']);
      await kubectl.run(['delete', 'pod', 'from1', 'from2', 'web1', 'web2']);
    });
  });
}
