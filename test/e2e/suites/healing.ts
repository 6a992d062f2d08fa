// Workloads that heal and roll: replaced pods, updates without a lost request, rollback.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TestCluster } from '../support/cluster.ts';
import { service, webDeployment } from '../support/manifests.ts';
import { eventually, start } from '../support/shell.ts';

/** Asks the Service on its node port again and again until stopped; counts answers and failures. */
function requestLoop(of: () => TestCluster, url: string): { stop: () => Promise<{ answers: number; failures: number }> } {
  const script = `ok=0; bad=0; trap 'echo $ok $bad; exit 0' TERM; while :; do if curl -sf -m 2 -o /dev/null ${url}; then ok=$((ok+1)); else bad=$((bad+1)); fi; done`;
  const [program = '', ...words] = [...of().lan.client, 'sh', '-c', script];
  const child = start(program, words);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return {
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      const [answers = Number.NaN, failures = Number.NaN] = text.trim().split(' ').map(Number);
      return { answers, failures };
    },
  };
}

/** The suite. */
export function healing(of: () => TestCluster): void {
  describe('workloads', () => {
    let url = '';

    before(async () => {
      const { kubectl, server } = of();
      const lifecycle = { preStop: { sleep: { seconds: 2 } } };
      await kubectl.apply(webDeployment('shop', 2, {}, { lifecycle }), service('shop', { type: 'NodePort' }));
      await kubectl.run(['rollout', 'status', 'deployment/shop', '--timeout=60s']);
      url = `http://${server.machine.address}:${await kubectl.path('service shop', '{.spec.ports[0].nodePort}')}/`;
      await eventually('the Service answers', async () => (await of().client(['curl', '-sf', '-m', '2', url])).code === 0);
    });

    after(() => of().kubectl.run(['delete', 'deployment/shop', 'service/shop']));

    const podNames = async (): Promise<string[]> =>
      (await of().kubectl.run(['get', 'pods', '-l', 'app=shop', '-o', 'name'])).trim().split('\n').sort();

    test('a pod that is deleted is replaced', async () => {
      const { kubectl } = of();
      const [victim = ''] = await podNames();
      await kubectl.run(['delete', victim]);
      await kubectl.until('deployment shop', '{.status.readyReplicas}', (ready) => ready === '2');
      assert.ok(!(await podNames()).includes(victim));
    });

    test('rollout restart under a request loop loses no request', async () => {
      const { kubectl } = of();
      const old = await podNames();
      const loop = requestLoop(of, url);
      await kubectl.run(['rollout', 'restart', 'deployment/shop']);
      await kubectl.run(['rollout', 'status', 'deployment/shop', '--timeout=90s']);
      await eventually('the old pods are gone', async () => (await podNames()).every((name) => !old.includes(name)));
      const { answers, failures } = await loop.stop();
      assert.ok(answers > 20, `${answers} answers`);
      assert.equal(failures, 0, `of ${answers}`);
    });

    test('a bad update stalls without harm, and rollout undo brings the last one back', async () => {
      const { kubectl } = of();
      const image = await kubectl.path('deployment shop', '{.spec.template.spec.containers[0].image}');
      await kubectl.run(['set', 'image', 'deployment/shop', 'web=none:2']);
      await eventually('the new pod cannot start', async () =>
        /ErrImagePull|ImagePullBackOff/.test(await kubectl.run(['get', 'pods', '-l', 'app=shop'])),
      );
      assert.equal(await kubectl.path('deployment shop', '{.status.readyReplicas}'), '2');
      assert.match(
        await kubectl.run(['rollout', 'history', 'deployment/shop']),
        /REVISION\s+CHANGE-CAUSE\n1\s+<none>\n2\s+<none>\n3\s+<none>/,
      );
      await kubectl.run(['rollout', 'undo', 'deployment/shop']);
      await kubectl.run(['rollout', 'status', 'deployment/shop', '--timeout=60s']);
      assert.equal(await kubectl.path('deployment shop', '{.spec.template.spec.containers[0].image}'), image);
      assert.match(
        await kubectl.run(['describe', 'deployment', 'shop']),
        /Normal\s+ScalingReplicaSet\s+.*Scaled up replica set shop-\S+ from 0 to 1/,
      );
    });

    test('scale goes through the scale sub-resource, and Recreate ends the old pods first', async () => {
      const { kubectl } = of();
      await kubectl.run(['scale', 'deployment/shop', '--replicas=3']);
      await kubectl.until('deployment shop', '{.status.readyReplicas}', (ready) => ready === '3');
      await kubectl.run([
        'patch',
        'deployment',
        'shop',
        '-p',
        '{"spec":{"strategy":{"type":"Recreate","rollingUpdate":null},"replicas":1}}',
      ]);
      await kubectl.until('deployment shop', '{.status.replicas}', (replicas) => replicas === '1');
      const [old = ''] = await podNames();
      await kubectl.run(['set', 'env', 'deployment/shop', 'A=1']);
      await kubectl.run(['rollout', 'status', 'deployment/shop', '--timeout=60s']);
      assert.ok(!(await podNames()).includes(old));
    });

    test('deleting a Deployment deletes its ReplicaSets and pods, unless they are orphaned', async () => {
      const { kubectl } = of();
      await kubectl.apply(webDeployment('gone', 1), webDeployment('kept', 1));
      for (const name of ['gone', 'kept']) await kubectl.run(['rollout', 'status', `deployment/${name}`, '--timeout=60s']);
      await kubectl.run(['delete', 'deployment', 'gone']);
      await eventually(
        'its pods are gone',
        async () => (await kubectl.run(['get', 'pods,replicasets', '-l', 'app=gone', '-o', 'name'])).trim() === '',
      );
      await kubectl.run(['delete', 'deployment', 'kept', '--cascade=orphan']);
      assert.notEqual((await kubectl.run(['get', 'replicasets', '-l', 'app=kept', '-o', 'name'])).trim(), '');
      await kubectl.run(['delete', 'replicasets', '-l', 'app=kept']);
    });
  });
}
