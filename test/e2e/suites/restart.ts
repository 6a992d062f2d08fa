// kts ends, gently or not, and starts again: pods go on, and nothing restarts.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestCluster } from '../support/cluster.ts';
import { request, service, shellPod, WAIT, webDeployment } from '../support/manifests.ts';
import { RequestLoop } from '../support/request-loop.ts';
import { eventually } from '../support/shell.ts';

const IDS =
  '{range .items[*]}{.metadata.name} {.status.containerStatuses[*].containerID} {.status.containerStatuses[*].restartCount}{"\\n"}{end}';

/** The suite. */
export function restart(of: () => TestCluster): void {
  describe('a restart of kts', () => {
    const containers = (): Promise<string> => of().kubectl.run(['get', 'pods', '-o', `jsonpath=${IDS}`]);

    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      test(`after ${signal} the same containers run, nothing restarts, no request is lost, everything goes on`, async () => {
        const { kubectl, server } = of();
        await kubectl.apply(
          webDeployment('stays', 2),
          service('stays', { type: 'NodePort' }),
          shellPod('asks', WAIT, { spec: { nodeName: 'node1' } }),
        );
        await kubectl.run(['rollout', 'status', 'deployment/stays', '--timeout=60s']);
        await kubectl.ready('asks');
        await kubectl.run(['create', 'configmap', `before-${signal.toLowerCase()}`]);
        const before = await containers();
        const port = await kubectl.path('service stays', '{.spec.ports[0].nodePort}');
        const url = `http://${server.machine.address}:${port}/`;
        await eventually('the Service answers', async () => (await of().client(['curl', '-sf', '-m', '2', url])).code === 0);
        const requests = new RequestLoop(of(), url);
        const took = await server.stop(signal);
        if (signal === 'SIGTERM') assert.ok(took < 5000, `it took ${took} ms to end`);
        await server.startServer(signal === 'SIGTERM' ? ['--node-label=changed=yes', '--tls-san=kts.example'] : []);
        await kubectl.ready('asks');
        assert.equal(await containers(), before);
        const answers = await requests.end();
        assert.ok(answers.length > 20, `${answers.length} requests`);
        assert.deepEqual(
          answers.flatMap((code, at) => (code === 0 ? [] : [`request ${at} of ${answers.length}: curl exit ${code}`])),
          [],
        );
        assert.equal((await kubectl.try(['get', 'configmap', `before-${signal.toLowerCase()}`])).code, 0);
        assert.match(await kubectl.run(['exec', 'asks', '--', 'sh', '-c', request('stays', 80)]), /stays-/);
        await kubectl.run(['scale', 'deployment/stays', '--replicas=3']);
        await kubectl.until('deployment stays', '{.status.readyReplicas}', (ready) => ready === '3');
        await kubectl.run(['delete', 'deployment/stays', 'service/stays', 'pod/asks']);
      });
    }

    test('a changed configuration has taken effect', async () => {
      const { server } = of();
      const probe = `openssl s_client -connect 127.0.0.1:6443 </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName`;
      const { execFileSync } = await import('node:child_process');
      const text = execFileSync('nsenter', [`--net=/run/netns/${server.machine.netns}`, 'sh', '-c', probe], { encoding: 'utf8' });
      assert.match(text, /DNS:kts\.example/);
    });
  });
}
