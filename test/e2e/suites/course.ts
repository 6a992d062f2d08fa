// The manifests of an introductory course.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestCluster } from '../support/cluster.ts';
import { request, service, shellPod, WAIT, webDeployment } from '../support/manifests.ts';
import { eventually } from '../support/shell.ts';

/** The suite. */
export function course(of: () => TestCluster): void {
  describe('an introductory course', () => {
    test('a pod gets its limits, its environment and a service account token', async () => {
      const { kubectl } = of();
      const env = [
        { name: 'GREETING', value: 'hello' },
        { name: 'BOTH', value: '$(GREETING) $(POD)' },
        { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
      ];
      const resources = { requests: { cpu: '50m', memory: '16Mi' }, limits: { cpu: '200m', memory: '64Mi' } };
      await kubectl.apply(
        shellPod('limits', `echo "$GREETING $POD $CPU"; ls /var/run/secrets/kubernetes.io/serviceaccount; ${WAIT}`, {
          container: { env, resources },
        }),
      );
      await kubectl.ready('limits');
      assert.equal(await kubectl.run(['logs', 'limits']), 'hello limits 200\nca.crt\nnamespace\ntoken\n');
      assert.equal(await kubectl.path('pod limits', '{.status.qosClass}'), 'Burstable');
      const description = await kubectl.run(['describe', 'pod', 'limits']);
      for (const text of [
        /Normal\s+Scheduled\s+.*Successfully assigned default\/limits to node1/,
        /Normal\s+Pulled\s+.*already present on machine/,
        /Normal\s+Created\s/,
        /Normal\s+Started\s/,
        /memory:\s+64Mi/,
      ]) {
        assert.match(description, text);
      }
      await kubectl.run(['delete', 'pod', 'limits']);
    });

    test('a ConfigMap and a Secret arrive as files and as environment, and files follow changes', async () => {
      const { kubectl } = of();
      const spec = {
        volumes: [
          { name: 'config', configMap: { name: 'settings' } },
          { name: 'secret', secret: { secretName: 'password', defaultMode: 0o400 } },
        ],
      };
      const container = {
        envFrom: [{ configMapRef: { name: 'settings' } }],
        env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'password', key: 'word' } } }],
        volumeMounts: [
          { name: 'config', mountPath: '/config' },
          { name: 'secret', mountPath: '/secret' },
        ],
      };
      await kubectl.run(['create', 'configmap', 'settings', '--from-literal=COLOR=blue']);
      await kubectl.run(['create', 'secret', 'generic', 'password', '--from-literal=word=sesame']);
      await kubectl.apply(
        shellPod('settings', `echo "$COLOR $PASSWORD $(cat /config/COLOR) $(cat /secret/word)"; ${WAIT}`, { spec, container }),
      );
      await kubectl.ready('settings');
      assert.equal(await kubectl.run(['logs', 'settings']), 'blue sesame blue sesame\n');
      await kubectl.run(['patch', 'configmap', 'settings', '-p', '{"data":{"COLOR":"green"}}']);
      await eventually(
        'the new value in the file',
        async () => (await kubectl.run(['exec', 'settings', '--', 'cat', '/config/COLOR'])) === 'green',
        90_000,
      );
      await kubectl.run(['delete', 'pod/settings', 'configmap/settings', 'secret/password']);
    });

    test('a pod whose ConfigMap is missing says so and starts when it is there', async () => {
      const { kubectl } = of();
      await kubectl.apply(
        shellPod('late', WAIT, {
          spec: { volumes: [{ name: 'c', configMap: { name: 'late' } }] },
          container: { volumeMounts: [{ name: 'c', mountPath: '/c' }] },
        }),
      );
      await eventually('FailedMount', async () =>
        (await kubectl.run(['describe', 'pod', 'late'])).includes('MountVolume.SetUp failed for volume "c" : configmap "late" not found'),
      );
      assert.match(await kubectl.run(['get', 'pod', 'late']), /late\s+0\/1\s+ContainerCreating/);
      await kubectl.run(['create', 'configmap', 'late', '--from-literal=a=b']);
      await kubectl.ready('late');
      await kubectl.run(['delete', 'pod/late', 'configmap/late']);
    });

    test('a Service is reached by its name from another pod, and spreads', async () => {
      const { kubectl } = of();
      await kubectl.apply(webDeployment('hello', 2), service('hello'), shellPod('caller', WAIT));
      await kubectl.run(['rollout', 'status', 'deployment/hello', '--timeout=60s']);
      await kubectl.ready('caller');
      const seen = new Set<string>();
      await eventually('answers from both pods', async () => {
        const answer = await kubectl.run(['exec', 'caller', '--', 'sh', '-c', request('hello.default.svc.cluster.local', 80)]);
        seen.add(answer.trim().split('\n').at(-1) ?? '');
        return seen.size === 2;
      });
      const pods = (await kubectl.run(['get', 'pods', '-l', 'app=hello', '-o', 'name']))
        .trim()
        .split('\n')
        .map((name) => name.slice('pod/'.length));
      assert.deepEqual([...seen].sort(), pods.sort());
    });

    test('a NodePort answers from another machine, and endpoints follow the pods', async () => {
      const { kubectl, server } = of();
      await kubectl.run(['patch', 'service', 'hello', '-p', '{"spec":{"type":"NodePort"}}']);
      const port = await kubectl.path('service hello', '{.spec.ports[0].nodePort}');
      await eventually(
        'an answer on the node port',
        async () => (await of().client(['curl', '-sf', '-m', '2', `http://${server.machine.address}:${port}/`])).code === 0,
      );
      await kubectl.run(['scale', 'deployment', 'hello', '--replicas=0']);
      await kubectl.until('endpoints hello', '{.subsets}', (value) => value === '');
      // While the last pods end they may still be asked (KEP-1669).
      await kubectl.run(['wait', '--for=delete', 'pod', '-l', 'app=hello', '--timeout=30s']);
      const ask = () => of().client(['curl', '-s', '-m', '2', `http://${server.machine.address}:${port}/`]);
      await eventually('a refusal', async () => (await ask()).code === 7);
      const answers = await Promise.all(Array.from({ length: 20 }, ask));
      assert.deepEqual([...new Set(answers.map(({ code }) => code))], [7], 'a Service without endpoints refuses every connection');
      await kubectl.run(['delete', 'deployment/hello', 'service/hello', 'pod/caller']);
    });

    test('namespaces isolate names and are deleted with all their contents', async () => {
      const { kubectl } = of();
      for (const name of ['red', 'blue']) {
        await kubectl.run(['create', 'namespace', name]);
        await kubectl.in(name).apply(webDeployment('same', 1), service('same'));
      }
      await kubectl.in('red').run(['rollout', 'status', 'deployment/same', '--timeout=60s']);
      await kubectl.run(['delete', 'namespace', 'red', '--timeout=60s']);
      assert.match((await kubectl.try(['get', 'namespace', 'red'])).stderr, /namespaces "red" not found/);
      assert.equal((await kubectl.run(['get', 'pods,services,configmaps', '-n', 'red', '-o', 'name'])).trim(), '');
      assert.match(await kubectl.in('blue').run(['get', 'deployment', 'same']), /same\s+1\/1/);
      const refused = await kubectl.in('nowhere').try(['create', 'configmap', 'x']);
      assert.match(refused.stderr, /namespaces "nowhere" not found/);
      await kubectl.run(['delete', 'namespace', 'blue', '--timeout=60s']);
    });
  });
}
