// What every Client does, whatever its transport. Run by client-*.test.ts on each implementation.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import { isAlreadyExists, isConflict, isExpired, isNotFound, StatusError } from '../../src/api/status-error.ts';
import type { ConfigMap } from '../../src/api/types/core-v1.gen.ts';
import type { Client, WatchEvent } from '../../src/client/client.ts';
import { CONFIG_MAPS, NODES, SERVICES } from '../../src/client/resources.ts';

/** A client with the means to make its server forget the history of watches. */
export interface ClientUnderTest {
  readonly client: Client;
  /** Makes resource versions older than now unservable; absent = the implementation has no such means. */
  readonly compact?: () => void;
  close(): Promise<void>;
}

const configMap = (name: string, data: Record<string, string> = {}): ConfigMap & KubeObject => ({
  metadata: { name, namespace: 'default' },
  data,
});
const named = (name: string) => ({ namespace: 'default', name });

async function take<T>(events: AsyncIterable<T>, count: number): Promise<T[]> {
  const out: T[] = [];
  for await (const event of events) {
    out.push(event);
    if (out.length === count) break;
  }
  return out;
}

const brief = (event: WatchEvent<KubeObject>): string => `${event.type} ${event.object.metadata.name ?? ''}`;

/** Declares the suite for one implementation. */
export function clientSuite(title: string, open: () => Promise<ClientUnderTest>): void {
  const test = (name: string, body: (under: ClientUnderTest, client: Client) => Promise<void>): void => {
    it(name, async () => {
      const under = await open();
      try {
        await body(under, under.client);
      } finally {
        await under.close();
      }
    });
  };

  describe(`${title}: writes`, () => {
    test('create returns the stored object, frozen, and keeps what it was given', async (_, client) => {
      const given = configMap('a', { k: 'v' });
      const made = await client.create(CONFIG_MAPS, given);
      assert.equal(made.data?.['k'], 'v');
      assert.equal(made.kind, 'ConfigMap');
      assert.ok(made.metadata.uid && made.metadata.resourceVersion && made.metadata.creationTimestamp);
      assert.ok(Object.isFrozen(made) && Object.isFrozen(made.metadata) && Object.isFrozen(made.data));
      assert.deepEqual(given, configMap('a', { k: 'v' }));
      assert.deepEqual(await client.get(CONFIG_MAPS, named('a')), made);
    });

    test('create makes a name from generateName', async (_, client) => {
      const given: ConfigMap & KubeObject = { metadata: { generateName: 'a-', namespace: 'default' } };
      const made = await client.create(CONFIG_MAPS, given);
      assert.match(made.metadata.name ?? '', /^a-.{5}$/);
    });

    test('failures are StatusErrors with the reason and the name', async (_, client) => {
      await assert.rejects(client.get(CONFIG_MAPS, named('none')), (e) => isNotFound(e) && e.status.details?.name === 'none');
      await client.create(CONFIG_MAPS, configMap('a'));
      await assert.rejects(client.create(CONFIG_MAPS, configMap('a')), isAlreadyExists);
      await assert.rejects(client.update(CONFIG_MAPS, configMap('none')), isNotFound);
      await assert.rejects(client.delete(CONFIG_MAPS, named('none')), isNotFound);
    });

    test('update replaces, and refuses a version that is not the current one', async (_, client) => {
      const first = await client.create(CONFIG_MAPS, configMap('a', { k: '1' }));
      const second = await client.update(CONFIG_MAPS, { ...first, data: { k: '2' } });
      assert.deepEqual(second.data, { k: '2' });
      await assert.rejects(client.update(CONFIG_MAPS, { ...first, data: { k: '3' } }), isConflict);
    });

    test('patch merges, or applies operations', async (_, client) => {
      await client.create(CONFIG_MAPS, configMap('a', { k: '1', gone: 'x' }));
      const merged = await client.patch(CONFIG_MAPS, named('a'), { type: 'merge', body: { data: { gone: null, n: '2' } } });
      assert.deepEqual(merged.data, { k: '1', n: '2' });
      const body = [{ op: 'replace', path: '/data/k', value: '9' }];
      assert.deepEqual((await client.patch(CONFIG_MAPS, named('a'), { type: 'json', body })).data, { k: '9', n: '2' });
    });

    test('writes to a sub-resource change nothing else', async (_, client) => {
      await client.create(NODES, { metadata: { name: 'n1' }, spec: { podCIDR: '10.42.0.0/24' } });
      const body = { spec: { unschedulable: true }, status: { conditions: [{ type: 'Ready', status: 'True' }] } };
      const node = await client.patch(NODES, { namespace: '', name: 'n1' }, { type: 'merge', body }, { subresource: 'status' });
      assert.equal(node.spec?.unschedulable, undefined);
      assert.equal(node.status?.conditions?.[0]?.type, 'Ready');
    });

    test('dryRun changes nothing', async (_, client) => {
      await client.create(CONFIG_MAPS, configMap('a'), { dryRun: true });
      await assert.rejects(client.get(CONFIG_MAPS, named('a')), isNotFound);
    });

    test('delete waits for finalizers and checks preconditions', async (_, client) => {
      const given: ConfigMap & KubeObject = { metadata: { ...named('a'), finalizers: ['example.com/f'] } };
      const made = await client.create(CONFIG_MAPS, given);
      await assert.rejects(client.delete(CONFIG_MAPS, named('a'), { preconditions: { uid: 'other' } }), isConflict);
      await client.delete(CONFIG_MAPS, named('a'), { preconditions: { uid: made.metadata.uid ?? '' } });
      const marked = await client.get(CONFIG_MAPS, named('a'));
      assert.ok(marked.metadata.deletionTimestamp);
      await client.patch(CONFIG_MAPS, named('a'), { type: 'merge', body: { metadata: { finalizers: null } } });
      await assert.rejects(client.get(CONFIG_MAPS, named('a')), isNotFound);
    });

    test('deleteCollection deletes what is selected', async (_, client) => {
      await client.create(CONFIG_MAPS, { metadata: { ...named('a'), labels: { app: 'x' } } });
      await client.create(CONFIG_MAPS, configMap('b'));
      await client.deleteCollection(CONFIG_MAPS, { namespace: 'default', labelSelector: 'app=x' });
      const names = (await client.list(CONFIG_MAPS, { namespace: 'default' })).items.map((o) => o.metadata.name);
      assert.ok(!names.includes('a') && names.includes('b'));
    });
  });

  describe(`${title}: lists and watches`, () => {
    test('list pages, with kind and apiVersion on the items', async (_, client) => {
      for (const name of ['a', 'b', 'c']) await client.create(CONFIG_MAPS, { metadata: { ...named(name), labels: { app: 'x' } } });
      const select = { namespace: 'default', labelSelector: 'app=x' };
      const first = await client.list(CONFIG_MAPS, { ...select, limit: 2 });
      assert.deepEqual(
        first.items.map((o) => `${o.apiVersion} ${o.kind} ${o.metadata.name}`),
        ['v1 ConfigMap a', 'v1 ConfigMap b'],
      );
      assert.ok(Object.isFrozen(first.items[0]));
      const rest = await client.list(CONFIG_MAPS, { ...select, limit: 2, continue: first.metadata.continue ?? '' });
      assert.deepEqual(
        rest.items.map((o) => o.metadata.name),
        ['c'],
      );
      assert.ok(!rest.metadata.continue);
    });

    test('list selects by fields, and within a namespace', async (_, client) => {
      await client.create(CONFIG_MAPS, configMap('a'));
      await client.create(CONFIG_MAPS, configMap('b'));
      const selected = await client.list(CONFIG_MAPS, { fieldSelector: 'metadata.name=b' });
      assert.deepEqual(
        selected.items.map((o) => o.metadata.name),
        ['b'],
      );
      assert.equal((await client.list(SERVICES, { namespace: 'elsewhere' })).items.length, 0);
    });

    test('watch tells every change after a version, in order', async (_, client) => {
      const made = await client.create(CONFIG_MAPS, configMap('a'));
      const stop = new AbortController();
      const options = { namespace: 'default', resourceVersion: made.metadata.resourceVersion ?? '', signal: stop.signal };
      const events = take(client.watch(CONFIG_MAPS, options), 3);
      await client.create(CONFIG_MAPS, configMap('b'));
      await client.update(CONFIG_MAPS, { ...made, data: { k: 'v' } });
      await client.delete(CONFIG_MAPS, named('a'));
      assert.deepEqual((await events).map(brief), ['ADDED b', 'MODIFIED a', 'DELETED a']);
      assert.ok((await events).every((e) => Object.isFrozen(e.object) && e.object.kind === 'ConfigMap'));
      stop.abort();
    });

    test('watch with initial events ends them with a bookmark', async (_, client) => {
      await client.create(CONFIG_MAPS, { metadata: { ...named('a'), labels: { app: 'x' } } });
      const stop = new AbortController();
      const select = { namespace: 'default', labelSelector: 'app=x', signal: stop.signal };
      const events = await take(client.watch(CONFIG_MAPS, { ...select, sendInitialEvents: true, allowBookmarks: true }), 2);
      assert.deepEqual(events.map(brief), ['ADDED a', 'BOOKMARK ']);
      assert.equal(events[1]?.object.metadata.annotations?.['k8s.io/initial-events-end'], 'true');
      assert.ok(Number(events[1]?.object.metadata.resourceVersion) > 0);
      stop.abort();
    });

    test('watch ends quietly when aborted', async (_, client) => {
      const stop = new AbortController();
      const end = take(client.watch(CONFIG_MAPS, { namespace: 'default', signal: stop.signal, resourceVersion: '0' }), 1000);
      await client.create(CONFIG_MAPS, configMap('a'));
      stop.abort();
      assert.ok((await end).length <= 1000);
    });

    test('watch from a version that is gone is rejected as expired', async (under, client) => {
      const made = await client.create(CONFIG_MAPS, configMap('a'));
      await client.create(CONFIG_MAPS, configMap('b'));
      if (!under.compact) return;
      under.compact();
      const options = { resourceVersion: made.metadata.resourceVersion ?? '', signal: AbortSignal.timeout(5000) };
      await assert.rejects(take(client.watch(CONFIG_MAPS, options), 1), isExpired);
    });

    test('a call that is aborted rejects with the reason of its signal', async (_, client) => {
      const reason = new RangeError('enough');
      await assert.rejects(client.get(CONFIG_MAPS, named('a'), { signal: AbortSignal.abort(reason) }), (e) => e === reason);
    });

    test('a bad request is a StatusError', async (_, client) => {
      await assert.rejects(client.list(CONFIG_MAPS, { fieldSelector: 'what' }), (e) => e instanceof StatusError && e.code === 400);
    });
  });
}
