import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { badRequest, serviceUnavailable } from '../../../src/api/status-error.ts';
import type { ConfigMap } from '../../../src/api/types/core-v1.gen.ts';
import { silentLogger } from '../../../src/base/log.ts';
import type { Change, Informer } from '../../../src/client/informer.ts';
import { LocalClient } from '../../../src/client/local-client.ts';
import { CONFIG_MAPS, NODES } from '../../../src/client/resources.ts';
import { SharedInformerFactory } from '../../../src/client/shared-informer.ts';
import { FakeApi } from '../../support/fake-api.ts';
import { FakeClock } from '../../support/fake-clock.ts';

type Map1 = ConfigMap & KubeObject;
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const map = (name: string, data: Record<string, string> = {}, namespace = 'default'): Map1 => ({ metadata: { name, namespace }, data });

function world() {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const client = new LocalClient(api, { name: 'test', groups: [] });
  const factory = new SharedInformerFactory({ client, clock, log: silentLogger, random: () => 0.5 });
  return { clock, api, client, factory };
}

function record(informer: Informer<Map1>): string[] {
  const seen: string[] = [];
  informer.onChange((change: Change<Map1>) => {
    seen.push(
      `${change.type} ${change.object.metadata.name}${change.old ? ` ${change.old.data?.['k'] ?? ''}→${change.object.data?.['k'] ?? ''}` : ''}`,
    );
  });
  return seen;
}

describe('SharedInformerFactory', () => {
  it('shares one watch a resource and selection', async () => {
    const { api, factory } = world();
    let watches = 0;
    api.before = ({ verb }) => {
      if (verb === 'watch') watches++;
    };
    const first = factory.informer(CONFIG_MAPS);
    assert.equal(factory.informer(CONFIG_MAPS, { indexers: { k: (o) => [o.data?.['k'] ?? ''] } }), first);
    assert.notEqual(factory.informer(CONFIG_MAPS, { namespace: 'x' }), first);
    factory.informer(NODES);
    await tick();
    assert.equal(watches, 3);
    await factory.stop();
  });
});

describe('SharedInformer', () => {
  it('holds the very objects of the API, and tells every change in order', async () => {
    const { client, factory } = world();
    const a = await client.create(CONFIG_MAPS, map('a', { k: '1' }));
    const informer = factory.informer(CONFIG_MAPS);
    const seen = record(informer);
    await informer.synced();
    assert.ok(informer.hasSynced);
    assert.equal(informer.lister.get('default/a'), a);
    await tick();
    await client.update(CONFIG_MAPS, { ...a, data: { k: '2' } });
    await client.create(CONFIG_MAPS, map('b'));
    await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'a' });
    await tick();
    assert.deepEqual(seen, ['added a', 'modified a 1→2', 'added b', 'deleted a']);
    assert.deepEqual(
      informer.lister.list().map((o) => o.metadata.name),
      ['b'],
    );
    await factory.stop();
  });

  it('gives a late handler what is there already, once', async () => {
    const { client, factory } = world();
    await client.create(CONFIG_MAPS, map('a'));
    const informer = factory.informer(CONFIG_MAPS);
    await informer.synced();
    const seen = record(informer);
    await tick();
    assert.deepEqual(seen, ['added a']);
    const never: unknown[] = [];
    informer.onChange((change) => never.push(change))();
    await client.create(CONFIG_MAPS, map('b'));
    await tick();
    assert.deepEqual(seen, ['added a', 'added b']);
    assert.deepEqual(never, []);
    await factory.stop();
  });

  it('finds objects by namespace and by declared indexes, also after changes', async () => {
    const { client, factory } = world();
    const a = await client.create(CONFIG_MAPS, map('a', { k: '1' }));
    await client.create(CONFIG_MAPS, map('b', { k: '1' }, 'other'));
    const informer = factory.informer(CONFIG_MAPS, { indexers: { k: (o) => (o.data?.['k'] ? [o.data['k']] : []) } });
    await informer.synced();
    const names = (objects: KubeObject[]): string[] => objects.map((o) => o.metadata.name ?? '');
    assert.deepEqual(names(informer.lister.byIndex('k', '1')), ['a', 'b']);
    assert.deepEqual(names(informer.lister.list('other')), ['b']);
    await client.update(CONFIG_MAPS, { ...a, data: { k: '2' } });
    await client.delete(CONFIG_MAPS, { namespace: 'other', name: 'b' });
    await tick();
    assert.deepEqual(names(informer.lister.byIndex('k', '1')), []);
    assert.deepEqual(names(informer.lister.byIndex('k', '2')), ['a']);
    assert.deepEqual(names(informer.lister.list('other')), []);
    assert.throws(() => informer.lister.byIndex('none', ''), RangeError);
    await factory.stop();
  });

  it('lists again when its version is gone, and tells only what differs', async () => {
    const { api, client, clock, factory } = world();
    const a = await client.create(CONFIG_MAPS, map('a', { k: '1' }));
    await client.create(CONFIG_MAPS, map('same'));
    await client.create(CONFIG_MAPS, map('gone'));
    await client.create(CONFIG_MAPS, map('again', { k: 'old' }));
    const informer = factory.informer(CONFIG_MAPS);
    await informer.synced();
    const seen = record(informer);
    await tick();
    seen.length = 0;
    const broken = new Set(['watch']);
    api.before = ({ verb }) => {
      if (broken.has(verb)) throw serviceUnavailable('away');
    };
    api.compact();
    await client.update(CONFIG_MAPS, { ...a, data: { k: '2' } });
    await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'gone' });
    await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'again' });
    await client.create(CONFIG_MAPS, map('again', { k: 'new' }));
    api.compact();
    broken.clear();
    await clock.advance(10_000);
    assert.deepEqual(seen.sort(), ['added again', 'deleted again', 'deleted gone', 'modified a 1→2']);
    await factory.stop();
  });

  it('retries with back-off while the API is away, and falls back to pages where streaming is refused', async () => {
    const { api, client, clock, factory } = world();
    await client.create(CONFIG_MAPS, map('a'));
    const calls: string[] = [];
    api.before = ({ verb, options }) => {
      calls.push(verb);
      if (calls.length <= 4) throw serviceUnavailable('away');
      if (options.sendInitialEvents) throw badRequest('sendInitialEvents is forbidden');
    };
    const informer = factory.informer(CONFIG_MAPS);
    const atMs: number[] = [];
    for (let ms = 0; ms < 5000 && !informer.hasSynced; ms += 100) {
      const before = calls.length;
      await clock.advance(ms === 0 ? 0 : 100);
      if (calls.length > before) atMs.push(ms);
    }
    assert.deepEqual(atMs, [200, 600, 1400, 3000]);
    await clock.advance(10_000);
    assert.ok(informer.hasSynced);
    assert.deepEqual(calls.slice(-2), ['list', 'watch']);
    assert.ok(informer.lister.get('default/a'));
    await factory.stop();
  });

  it('rejects synced when aborted, and leaves no timer behind when stopped', async () => {
    const { api, clock, factory } = world();
    api.before = () => {
      throw serviceUnavailable('away');
    };
    const informer = factory.informer(CONFIG_MAPS);
    const reason = new RangeError('enough');
    await assert.rejects(informer.synced(AbortSignal.abort(reason)), (e) => e === reason);
    const stop = new AbortController();
    const waiting = informer.synced(stop.signal);
    stop.abort(reason);
    await assert.rejects(waiting, (e) => e === reason);
    await factory.stop();
    assert.equal(clock.pending, 0);
  });

  it('survives a handler that throws', async () => {
    const { client, factory } = world();
    const informer = factory.informer(CONFIG_MAPS);
    informer.onChange(() => {
      throw new TypeError('a bug');
    });
    const seen = record(informer);
    await informer.synced();
    await client.create(CONFIG_MAPS, map('a'));
    await tick();
    assert.deepEqual(seen, ['added a']);
    await factory.stop();
  });
});
