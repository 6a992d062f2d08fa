// A second node: joins, takes what the first could not, is lost, comes back.

import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import type { TestCluster } from '../support/cluster.ts';
import type { KtsNode } from '../support/kts-node.ts';
import { enter } from '../support/lan.ts';
import { PEER_WEB, request, service, shellPod, WAIT, WEB, webDeployment } from '../support/manifests.ts';
import { enterPod } from '../support/pod-network.ts';
import { eventually, run, start } from '../support/shell.ts';

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
        /Warning\s+FailedScheduling\s.*default-scheduler\s+0\/1 nodes are available: 1 node\(s\) didn't match pod anti-affinity rules/.test(
          await kubectl.run(['describe', 'pods', '-l', 'app=apart', '--show-events=true']),
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
      await kubectl.apply(shellPod('says2', `echo hello from two; ${WAIT}`, on('node2')));
      await kubectl.ready('says2');
      assert.equal(await kubectl.run(['logs', 'says2']), 'hello from two\n');
      const [program = '', ...words] = kubectl.words(['port-forward', 'pod/web2', ':8080']);
      const forward = start(program, words);
      try {
        const text = await new Promise<string>((resolve) => forward.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString())));
        const port = /127\.0\.0\.1:(\d+)/.exec(text)?.[1];
        const [enterNode = '', ...rest] = [...enter(of().server.machine.netns), 'curl', '-s', '-m', '5', `http://127.0.0.1:${port}/`];
        assert.equal((await run(enterNode, rest)).stdout, 'web2\n');
      } finally {
        forward.kill();
      }
      await kubectl.run(['delete', 'pod', 'says2']);
    });

    test('a Service leads to pods of both nodes from everywhere, and policy Local to those of one', async () => {
      const { kubectl, server, agent } = of();
      const client = (...args: string[]) => of().client(['curl', '-s', '-m', '2', ...args]);
      await kubectl.apply(
        shellPod('peer2', PEER_WEB, {
          ...on('node2'),
          container: { readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 } },
        }),
        service('peer2', { type: 'NodePort' }),
        service('local2', {
          type: 'LoadBalancer',
          externalTrafficPolicy: 'Local',
          internalTrafficPolicy: 'Local',
          selector: { app: 'peer2' },
        }),
      );
      await kubectl.ready('peer2');
      const field = (name: string, path: string) => kubectl.path(`service ${name}`, path);
      const peerFrom = async (pod: string, ip: string): Promise<string> =>
        kubectl.run(['exec', pod, '--', 'sh', '-c', request(ip, 80, '/cgi-bin/peer')]);
      const ip = await field('peer2', '{.spec.clusterIP}');
      const from1 = await kubectl.path('pod from1', '{.status.podIP}');
      await eventually('an answer', async () => (await peerFrom('from1', ip)).includes(`${from1}] GET`));
      const [program = '', ...words] = [...enter(server.machine.netns), 'curl', '-s', '-m', '2'];
      assert.equal((await run(program, [...words, `http://${ip}/`])).stdout, 'peer2\n', 'from the node without the pod');
      const port = await field('peer2', '{.spec.ports[0].nodePort}');
      for (const { machine } of [server, agent]) assert.equal((await client(`http://${machine.address}:${port}/`)).stdout, 'peer2\n');
      const localPort = await field('local2', '{.spec.ports[0].nodePort}');
      assert.match((await client(`http://${agent.machine.address}:${localPort}/cgi-bin/peer`)).stdout, /172\.31\.77\.1\] GET/);
      assert.equal((await client(`http://${server.machine.address}:${localPort}/`)).code, 28, 'a node without an endpoint drops');
      const health = await field('local2', '{.spec.healthCheckNodePort}');
      const codes = [];
      for (const { machine } of [server, agent])
        codes.push((await client('-o', '/dev/null', '-w', '%{http_code}', `http://${machine.address}:${health}/`)).stdout);
      assert.deepEqual(codes, ['503', '200']);
      const localIp = await field('local2', '{.spec.clusterIP}');
      assert.match(await peerFrom('from2', localIp), /\] GET/);
      assert.notEqual((await kubectl.try(['exec', 'from1', '--', 'sh', '-c', `nc -w 2 ${localIp} 80 </dev/null`])).code, 0);
      await kubectl.run(['delete', 'pod/peer2', 'service/peer2', 'service/local2']);
    });

    test('UDP reaches the other node, and follows its endpoint', async () => {
      const { kubectl, server, agent } = of();
      await kubectl.apply(service('echo', { ports: [{ name: 'udp', port: 5353, protocol: 'UDP' }], selector: { app: 'web2' } }));
      const ip = await kubectl.path('service echo', '{.spec.clusterIP}');
      const answer = async (pod: string, node: KtsNode): Promise<ChildProcess> => {
        const script = `const s = require('node:dgram').createSocket('udp4'); s.on('message', (m, r) => s.send('${pod} ' + r.address, r.port, r.address)); s.bind(5353, () => console.log('on'))`;
        const [program = '', ...words] = [
          ...(await enterPod(node, await kubectl.path(`pod ${pod}`, '{.status.podIP}'))),
          process.execPath,
          '-e',
          script,
        ];
        const child = start(program, words);
        await new Promise((resolve) => child.stdout?.once('data', resolve));
        return child;
      };
      const from1 = await kubectl.path('pod from1', '{.status.podIP}');
      const [client = '', ...words] = await enterPod(server, from1);
      // Always from the same port, as programs do that hold their socket: what the kernel remembers of it must not lead astray.
      const script = `const s = require('node:dgram').createSocket('udp4'); s.on('message', (m) => { console.log(String(m)); s.close(); }); s.bind(6000, () => s.send('x', 5353, '${ip}')); setTimeout(() => process.exit(1), 1000)`;
      const ask = async (): Promise<string> => (await run(client, [...words, process.execPath, '-e', script])).stdout.trim();
      const answering = [await answer('web2', agent), await answer('web1', server)];
      try {
        await eventually('node2', async () => (await ask()) === `web2 ${from1}`);
        await kubectl.run(['patch', 'service', 'echo', '-p', '{"spec":{"selector":{"app":"web1"}}}']);
        await eventually('node1', async () => (await ask()) === `web1 ${from1}`, 20_000);
      } finally {
        for (const child of answering) child.kill();
      }
      await kubectl.run(['delete', 'service', 'echo']);
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
      await kubectl.run(['cordon', 'node1']); // So that it begins on the node that is going to be lost.
      await kubectl.apply(webDeployment('moves', 1, { tolerations }), service('moves'));
      await kubectl.run(['rollout', 'status', 'deployment/moves', '--timeout=60s']);
      await kubectl.run(['uncordon', 'node1']);
      const pod = await kubectl.run(['get', 'pods', '-l', 'app=moves', '-o', 'jsonpath={.items[0].metadata.name}']);
      const isReady = '{.status.conditions[?(@.type=="Ready")].status}';
      await lan.cable(agent.machine, 'down');
      await kubectl.until('node node2', isReady, (status) => status === 'Unknown', 90_000);
      assert.match(await kubectl.run(['get', 'nodes']), /node2\s+NotReady/);
      await kubectl.until('node node2', '{.spec.taints[*].key}', (keys) => keys.includes('node.kubernetes.io/unreachable'));
      await kubectl.until(`pod ${pod}`, '{.metadata.deletionTimestamp}', (time) => time !== '', 30_000);
      await kubectl.until('deployment moves', '{.status.readyReplicas}', (ready) => ready === '1', 30_000);
      await kubectl.until('pod web2', isReady, (status) => status === 'False', 30_000);
      assert.match(await kubectl.run(['exec', 'from1', '--', 'sh', '-c', request('moves', 80)]), /moves-/);
      await lan.cable(agent.machine, 'up');
      await kubectl.until('node node2', isReady, (status) => status === 'True', 60_000);
      await kubectl.until('node node2', '{.spec.taints}', (taints) => taints === '');
      await eventually('the old pod is gone', async () => (await kubectl.try(['get', 'pod', pod])).code === 1);
      await kubectl.until('pod web2', isReady, (status) => status === 'True');
      const ip = await kubectl.path('pod web2', '{.status.podIP}');
      assert.match(await kubectl.run(['exec', 'from1', '--', 'sh', '-c', request(ip, 8080)]), /web2\n$/);
      await kubectl.run(['delete', 'deployment/moves', 'service/moves', 'pod/from1', 'pod/from2', 'pod/web1', 'pod/web2']);
    });
  });
}
