// Scheduler and controllers on the real API server, through the in-process client: what a user sees from Deployment to binding.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Deployment } from '../../src/api/types/apps-v1.gen.ts';
import type { Node, Pod } from '../../src/api/types/core-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type Component, startAll, stopAll } from '../../src/base/component.ts';
import { type Logger, silentLogger } from '../../src/base/log.ts';
import { ApiEventRecorder } from '../../src/client/event-recorder.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import { DEPLOYMENTS, EVENTS, NAMESPACES, NODES, PODS, PRIORITY_CLASSES, REPLICA_SETS } from '../../src/client/resources.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { CONTROLLERS } from '../../src/server/controllers/list.ts';
import { Scheduler } from '../../src/server/scheduler/scheduler.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';

const node = (name: string): Node => ({
  metadata: { name, labels: { 'kubernetes.io/hostname': name } },
  spec: {},
  status: {
    allocatable: { cpu: '2', memory: '4Gi', pods: '110' },
    capacity: { cpu: '2', memory: '4Gi', pods: '110' },
    conditions: [{ type: 'Ready', status: 'True' }],
  },
});

const deployment = (name: string, spec: Partial<Pod['spec']> = {}, replicas = 2): Deployment => ({
  metadata: { name, namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'web:1' }], ...spec } },
  },
});

const apart = (app: string) => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app } }, topologyKey: 'kubernetes.io/hostname' }],
    },
  },
});

describe('scheduling on the API server', () => {
  let server: TestServer;
  let client: LocalClient;
  let informers: SharedInformerFactory;
  let parts: Component[];
  const bugs: string[] = [];

  before(async () => {
    server = await startTestServer();
    const clock = systemClock;
    const note = (message: string, fields?: object) => void bugs.push(`${message} ${JSON.stringify(fields)}`);
    const log: Logger = { ...silentLogger, error: note, warn: note, child: () => log };
    client = new LocalClient(server.server.backend, { name: 'system:kts', groups: ['system:masters'] });
    informers = new SharedInformerFactory({ client, clock, log });
    const events = new ApiEventRecorder({}, { client, clock, log });
    const deps = {
      client,
      informers,
      recorder: (component: string) => events.recorder(component),
      clock,
      log,
      resources: () => server.server.catalog.infos(),
      extensions: () => ({ resources: [], unreachable: [] }),
      onResourcesChange: (listener: () => void) => server.server.catalog.onChange(listener),
      rootCa: 'CA',
      clusterCidrs: ['10.42.0.0/16'],
      issueSecretToken: () => 'token',
    };
    parts = [events, ...Object.values(CONTROLLERS).map((make) => make(deps)), new Scheduler({}, deps)];
    await startAll(parts);
    await client.create(NODES, node('node1'));
    await until('default namespace', async () => (await client.list(NAMESPACES)).items.some((n) => n.metadata.name === 'default'));
  });

  after(async () => {
    await stopAll(parts);
    await informers.stop();
    await server.stop();
    assert.deepEqual(bugs, []);
  });

  async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const deadline = systemClock.monotonic() + 15_000;
    while (!(await condition())) {
      assert.ok(systemClock.monotonic() < deadline, `not within 15 s: ${what}; ${bugs.join('; ')}`);
      await systemClock.sleep(20);
    }
  }

  const podsOf = async (app: string): Promise<Pod[]> =>
    (await client.list(PODS, { namespace: 'default', labelSelector: `app=${app}` })).items;
  const condition = (pod: Pod | undefined) => pod?.status?.conditions?.find((c) => c.type === 'PodScheduled');
  const eventTexts = async (reason: string): Promise<string[]> =>
    (await client.list(EVENTS, { namespace: 'default' })).items.filter((e) => e.reason === reason).map((e) => e.message ?? '');

  it('gives nodes a pod CIDR', async () => {
    await until('a CIDR', async () => (await client.get(NODES, { namespace: '', name: 'node1' })).spec?.podCIDR !== undefined);
    const { spec } = await client.get(NODES, { namespace: '', name: 'node1' });
    assert.deepEqual([spec?.podCIDR, spec?.podCIDRs], ['10.42.0.0/24', ['10.42.0.0/24']]);
  });

  it('keeps the second of two pods apart pending until a second node joins', async () => {
    await client.create(DEPLOYMENTS, deployment('apart', apart('apart')));
    await until('one bound, one told why not', async () => {
      const pods = await podsOf('apart');
      return pods.some((p) => p.spec.nodeName) && pods.some((p) => condition(p)?.status === 'False');
    });
    const waiting = (await podsOf('apart')).find((p) => !p.spec.nodeName);
    assert.equal(condition(waiting)?.reason, 'Unschedulable');
    const text =
      "0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";
    assert.equal(condition(waiting)?.message, text);
    await until('the event', async () => (await eventTexts('FailedScheduling')).includes(text));
    await client.create(NODES, node('node2'));
    await until('both bound', async () => (await podsOf('apart')).filter((p) => p.spec.nodeName).length === 2);
    const pods = await podsOf('apart');
    assert.deepEqual(pods.map((p) => p.spec.nodeName).sort(), ['node1', 'node2']);
    assert.ok(pods.every((p) => condition(p)?.status === 'True'));
    const assigned = pods.map((p) => `Successfully assigned default/${p.metadata.name} to ${p.spec.nodeName}`);
    await until('Scheduled events', async () => {
      const texts = await eventTexts('Scheduled');
      return assigned.every((a) => texts.includes(a));
    });
  });

  it('rolls out a change and back again', async () => {
    await client.create(DEPLOYMENTS, deployment('web', {}, 1));
    const name = { namespace: 'default', name: 'web' };
    const ready = async (): Promise<void> => {
      for (const pod of await podsOf('web')) {
        if (pod.metadata.deletionTimestamp) {
          await client.delete(PODS, { namespace: 'default', name: pod.metadata.name ?? '' }, { gracePeriodSeconds: 0 });
        } else if (pod.spec.nodeName && pod.status?.phase !== 'Running') {
          const body = {
            status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
          };
          await client.patch(
            PODS,
            { namespace: 'default', name: pod.metadata.name ?? '' },
            { type: 'strategic', body },
            { subresource: 'status' },
          );
        }
      }
    };
    const complete = (revision: string) => async (): Promise<boolean> => {
      await ready();
      const { metadata, status } = await client.get(DEPLOYMENTS, name);
      const isNew =
        metadata.annotations?.['deployment.kubernetes.io/revision'] === revision && status?.observedGeneration === metadata.generation;
      return isNew && status?.updatedReplicas === 1 && status?.availableReplicas === 1 && status?.replicas === 1;
    };
    const setImage = (image: string) =>
      client.patch(DEPLOYMENTS, name, {
        type: 'strategic',
        body: { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } },
      });
    await until('revision 1', complete('1'));
    await setImage('web:2');
    await until('revision 2', complete('2'));
    await setImage('web:1');
    await until('revision 3', complete('3'));
    const sets = (await client.list(REPLICA_SETS, { namespace: 'default', labelSelector: 'app=web' })).items;
    assert.equal(sets.length, 2, 'the first ReplicaSet is used again');
    const { status } = await client.get(DEPLOYMENTS, name);
    assert.equal(status?.conditions?.find((c) => c.type === 'Progressing')?.reason, 'NewReplicaSetAvailable');
    const texts = (await eventTexts('ScalingReplicaSet')).filter((t) => t.includes('web-'));
    assert.ok(
      texts.some((t) => /^Scaled up replica set web-\w+ from 0 to 1$/.test(t)),
      texts.join('\n'),
    );
  });

  it('writes nothing when nothing changes', async () => {
    await systemClock.sleep(300);
    const before = server.store.revision;
    await systemClock.sleep(700);
    assert.equal(server.store.revision, before);
  });

  it('preempts for a pod of higher priority', async () => {
    await client.create(PRIORITY_CLASSES, { metadata: { name: 'high' }, value: 1000 });
    const container = { name: 'c', image: 'x', resources: { requests: { cpu: '1500m' } } };
    const pin = { nodeSelector: { 'kubernetes.io/hostname': 'node2' } };
    const pod = (name: string, priority: number): Pod => ({
      metadata: { name, namespace: 'default' },
      spec: { containers: [container], priority, ...pin },
    });
    await client.create(PODS, pod('low', 0));
    const get = (name: string) => client.get(PODS, { namespace: 'default', name });
    await until('low bound', async () => (await get('low')).spec.nodeName === 'node2');
    await client.create(PODS, pod('high', 1000));
    await until('low going', async () => (await get('low')).metadata.deletionTimestamp !== undefined);
    await until('high nominated', async () => (await get('high')).status?.nominatedNodeName === 'node2');
    assert.equal((await get('low')).status?.conditions?.find((c) => c.type === 'DisruptionTarget')?.reason, 'PreemptionByScheduler');
    await client.delete(PODS, { namespace: 'default', name: 'low' }, { gracePeriodSeconds: 0 });
    await until('high bound', async () => (await get('high')).spec.nodeName === 'node2');
  });
});
