// All controllers on the real API server over a real SQLite file, through the in-process client: the flows a user sees.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import type { Deployment } from '../../src/api/types/apps-v1.gen.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type Component, startAll, stopAll } from '../../src/base/component.ts';
import { type Logger, silentLogger } from '../../src/base/log.ts';
import type { TypedResource } from '../../src/client/client.ts';
import { ApiEventRecorder } from '../../src/client/event-recorder.ts';
import { LocalClient } from '../../src/client/local-client.ts';
import {
  CONFIG_MAPS,
  CONTROLLER_REVISIONS,
  DAEMON_SETS,
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  ENDPOINTS,
  JOBS,
  NAMESPACES,
  NODES,
  PODS,
  REPLICA_SETS,
  SERVICE_ACCOUNTS,
  SERVICES,
} from '../../src/client/resources.ts';
import { SharedInformerFactory } from '../../src/client/shared-informer.ts';
import { CONTROLLERS } from '../../src/server/controllers/list.ts';
import { openSqliteStore } from '../../src/server/store/sqlite-store.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';
import { startJournalThread } from '../support/journal-thread.ts';

describe('controllers on the API server', () => {
  let folder: string;
  let server: TestServer;
  let client: LocalClient;
  let informers: SharedInformerFactory;
  let parts: Component[];
  let close: () => Promise<void>;
  const bugs: string[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kts-controllers-'));
    const clock = systemClock;
    const store = await openSqliteStore({ path: join(folder, 'state.db') }, { startThread: startJournalThread, clock, log: silentLogger });
    server = await startTestServer({ store });
    close = async () => {
      await server.stop();
      await store.close();
    };
    const log: Logger = {
      ...silentLogger,
      error: (message, fields) => void bugs.push(`${message} ${JSON.stringify(fields)} ${String(fields?.['error'])}`),
      child: () => log,
    };
    client = new LocalClient(server.server.backend, { name: 'system:kube-controller-manager', groups: ['system:masters'] });
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
    parts = [events, ...Object.values(CONTROLLERS).map((make) => make(deps))];
    await startAll(parts);
    await client.create(NODES, { metadata: { name: 'n1' }, spec: {} });
  });

  after(async () => {
    await stopAll(parts);
    await informers.stop();
    await close();
    await rm(folder, { recursive: true });
  });

  const deployment = (name: string, namespace: string): Deployment & KubeObject => ({
    metadata: { name, namespace },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
    },
  });
  const makeNamespace = (name: string) => client.create(NAMESPACES, { metadata: { name }, spec: {} });
  const list = async <T extends KubeObject>(resource: TypedResource<T>, namespace: string): Promise<T[]> =>
    (await client.list(resource, { namespace })).items;

  async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
    const deadline = systemClock.monotonic() + 15_000;
    while (!(await condition())) {
      assert.ok(systemClock.monotonic() < deadline, `not within 15 s: ${what}; ${bugs.join('; ')}`);
      await systemClock.sleep(20);
    }
  }

  /** Does what scheduler and kubelet would: binds the pods and says that they are ready. */
  async function runPods(namespace: string): Promise<void> {
    for (const [n, pod] of (await list(PODS, namespace)).entries()) {
      const name = { namespace, name: pod.metadata.name ?? '' };
      const binding = { metadata: { name: name.name, namespace }, target: { kind: 'Node', name: 'n1' } };
      await client.create<KubeObject, typeof binding>(PODS, binding, { subresource: 'binding', name });
      const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }];
      const body = { status: { phase: 'Running', podIP: `10.42.0.${n + 2}`, podIPs: [{ ip: `10.42.0.${n + 2}` }], conditions } };
      await client.patch(PODS, name, { type: 'merge', body }, { subresource: 'status' });
    }
  }

  it('a namespace gets its service account and the root CA', async () => {
    await makeNamespace('a');
    await until('account and authority', async () => {
      const accounts = await list(SERVICE_ACCOUNTS, 'a');
      const maps = await list(CONFIG_MAPS, 'a');
      return accounts.some((s) => s.metadata.name === 'default') && maps.some((m) => m.data?.['ca.crt'] === 'CA');
    });
  });

  it('a Deployment gets pods, which stand behind its Service', async () => {
    await makeNamespace('b');
    await client.create(DEPLOYMENTS, deployment('web', 'b'));
    const service = {
      metadata: { name: 'web', namespace: 'b' },
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
    };
    await client.create<KubeObject, typeof service>(SERVICES, service);
    await until('two pods', async () => (await list(PODS, 'b')).length === 2);
    await runPods('b');
    await until('endpoints', async () => {
      const [slice] = await list(ENDPOINT_SLICES, 'b');
      const [endpoints] = await list(ENDPOINTS, 'b');
      const ready = slice?.endpoints?.filter((e) => e.conditions?.ready).length;
      return ready === 2 && endpoints?.subsets?.[0]?.addresses?.length === 2;
    });
    await until('available', async () => (await list(DEPLOYMENTS, 'b'))[0]?.status?.availableReplicas === 2);
  });

  it('informers hold the very objects of the store', async () => {
    const pods = informers.informer(PODS).lister.list('b');
    assert.equal(pods.length, 2);
    const [first] = pods;
    assert.equal(first, await client.get(PODS, { namespace: 'b', name: first?.metadata.name ?? '' }));
  });

  it('a deleted Service takes its slices along, a deleted Deployment its pods', async () => {
    await client.delete(SERVICES, { namespace: 'b', name: 'web' });
    await until('no slices', async () => (await list(ENDPOINT_SLICES, 'b')).length + (await list(ENDPOINTS, 'b')).length === 0);
    await client.delete(DEPLOYMENTS, { namespace: 'b', name: 'web' }, { propagationPolicy: 'Foreground' });
    await until('pods are being deleted', async () => (await list(PODS, 'b')).every((p) => p.metadata.deletionTimestamp !== undefined));
    assert.equal((await list(DEPLOYMENTS, 'b')).length, 1);
    for (const { metadata } of await list(PODS, 'b')) {
      await client.delete(PODS, { namespace: 'b', name: metadata.name ?? '' }, { gracePeriodSeconds: 0 });
    }
    await until('nothing left', async () => (await list(DEPLOYMENTS, 'b')).length + (await list(REPLICA_SETS, 'b')).length === 0);
  });

  it('a Deployment deleted with orphan policy leaves its ReplicaSet, and a new one adopts it', async () => {
    await makeNamespace('c');
    await client.create(DEPLOYMENTS, deployment('web', 'c'));
    await until('two pods', async () => (await list(PODS, 'c')).length === 2);
    const [before] = await list(REPLICA_SETS, 'c');
    await client.delete(DEPLOYMENTS, { namespace: 'c', name: 'web' }, { propagationPolicy: 'Orphan' });
    await until('orphaned', async () => (await list(DEPLOYMENTS, 'c')).length === 0);
    const [orphan] = await list(REPLICA_SETS, 'c');
    assert.equal(orphan?.metadata.uid, before?.metadata.uid);
    assert.equal(orphan?.metadata.ownerReferences, undefined);
    const again = await client.create(DEPLOYMENTS, deployment('web', 'c'));
    await until('adopted', async () => (await list(REPLICA_SETS, 'c'))[0]?.metadata.ownerReferences?.[0]?.uid === again.metadata.uid);
    assert.equal((await list(PODS, 'c')).length, 2);
  });

  it('a DaemonSet gets a pod on the node, rolls a change out, and keeps its history', async () => {
    await makeNamespace('d');
    const template = { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'c', image: 'nginx:1' }] } };
    const set = { metadata: { name: 'agent', namespace: 'd' }, spec: { selector: { matchLabels: { app: 'agent' } }, template } };
    await client.create<KubeObject, typeof set>(DAEMON_SETS, set);
    await until('a pod', async () => (await list(PODS, 'd')).length === 1);
    await runPods('d');
    await until('available', async () => (await list(DAEMON_SETS, 'd'))[0]?.status?.numberAvailable === 1);
    const containers = [{ name: 'c', image: 'nginx:2' }];
    const body = { spec: { template: { spec: { containers } } } };
    await client.patch(DAEMON_SETS, { namespace: 'd', name: 'agent' }, { type: 'strategic', body });
    await until('the old pod goes', async () => (await list(PODS, 'd'))[0]?.metadata.deletionTimestamp !== undefined);
    const [old] = await list(PODS, 'd');
    await client.delete(PODS, { namespace: 'd', name: old?.metadata.name ?? '' }, { gracePeriodSeconds: 0 });
    await until('the new pod', async () => (await list(PODS, 'd'))[0]?.spec?.containers[0]?.image === 'nginx:2');
    await until('two revisions', async () => (await list(CONTROLLER_REVISIONS, 'd')).length === 2);
    await until('observed', async () => (await list(DAEMON_SETS, 'd'))[0]?.status?.updatedNumberScheduled === 1);
  });

  it('a Job runs to completion and is counted', async () => {
    await makeNamespace('e');
    const template = { spec: { containers: [{ name: 'c', image: 'busybox' }], restartPolicy: 'Never' } };
    const job = { metadata: { name: 'once', namespace: 'e' }, spec: { completions: 2, template } };
    await client.create<KubeObject, typeof job>(JOBS, job);
    for (let n = 1; n <= 2; n++) {
      await until(`pod ${n}`, async () => (await list(PODS, 'e')).length === n);
      for (const { metadata } of await list(PODS, 'e')) {
        const body = { status: { phase: 'Succeeded' } };
        await client.patch(PODS, { namespace: 'e', name: metadata.name ?? '' }, { type: 'merge', body }, { subresource: 'status' });
      }
    }
    await until('complete', async () => {
      const [found] = await list(JOBS, 'e');
      return found?.status?.succeeded === 2 && (found.status.conditions?.some((c) => c.type === 'Complete') ?? false);
    });
    assert.ok((await list(PODS, 'e')).every((pod) => pod.metadata.finalizers === undefined));
  });

  it('deleted namespaces go with all their content', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await client.delete(NAMESPACES, { namespace: '', name });
    await until('no namespaces', async () => {
      const names = (await client.list(NAMESPACES)).items.map((n) => n.metadata.name);
      return !names.some((n) => ['a', 'b', 'c', 'd', 'e'].includes(n ?? ''));
    });
    for (const resource of [PODS, CONFIG_MAPS, REPLICA_SETS, DEPLOYMENTS]) {
      for (const namespace of ['a', 'b', 'c', 'd', 'e']) assert.deepEqual(await list<KubeObject>(resource, namespace), []);
    }
  });

  it('no controller had a bug', () => {
    assert.deepEqual(bugs, []);
  });
});
