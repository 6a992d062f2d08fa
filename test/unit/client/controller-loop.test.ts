import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { conflict } from '../../../src/api/status-error.ts';
import type { ConfigMap } from '../../../src/api/types/core-v1.gen.ts';
import { type Logger, silentLogger } from '../../../src/base/log.ts';
import { ControllerLoop, noKeys, source } from '../../../src/client/controller-loop.ts';
import { LocalClient } from '../../../src/client/local-client.ts';
import type { Reconcile } from '../../../src/client/reconciler.ts';
import { CONFIG_MAPS, NODES } from '../../../src/client/resources.ts';
import { SharedInformerFactory } from '../../../src/client/shared-informer.ts';
import { FakeApi } from '../../support/fake-api.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const map = (name: string): ConfigMap & KubeObject => ({ metadata: { name, namespace: 'ns' } });

async function world(reconcile: Reconcile, workers = 2) {
  const clock = new FakeClock();
  const api = new FakeApi(clock);
  const client = new LocalClient(api, { name: 'test', groups: [] });
  const lines: string[] = [];
  const say = (level: string) => (message: string, fields?: object) => void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Logger = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error'), child: () => log };
  const informers = new SharedInformerFactory({ client, clock, log: silentLogger });
  const setup = () => ({ sources: [source(informers.informer(CONFIG_MAPS)), source(informers.informer(NODES), noKeys)], reconcile });
  const loop = new ControllerLoop({ name: 'test', workers, setup }, { clock, log });
  const stop = async (): Promise<void> => {
    await loop.stop();
    await informers.stop();
  };
  return { clock, api, client, loop, lines, stop };
}

describe('ControllerLoop', () => {
  it('reconciles the keys of changes once its informers have synced', async () => {
    const keys: string[] = [];
    const { client, clock, loop, stop } = await world(async (key) => {
      keys.push(key);
      return undefined;
    });
    await client.create(CONFIG_MAPS, map('a'));
    await loop.start();
    assert.deepEqual(keys, []);
    await clock.advance(0);
    await client.create(CONFIG_MAPS, map('b'));
    await clock.advance(0);
    assert.deepEqual(keys, ['ns/a', 'ns/b']);
    await stop();
    await client.create(CONFIG_MAPS, map('c'));
    await clock.advance(0);
    assert.deepEqual(keys, ['ns/a', 'ns/b']);
    assert.equal(clock.pending, 0);
  });

  it('retries a failing key with back-off, logs it with the key, and goes on with others', async () => {
    const keys: string[] = [];
    const { client, clock, loop, lines, stop } = await world(async (key) => {
      keys.push(key);
      if (key === 'ns/bug' && keys.filter((k) => k === key).length < 3) throw new TypeError('undefined is not a function');
      if (key === 'ns/late' && keys.filter((k) => k === key).length < 2) throw conflict({ group: '', resource: 'configmaps' }, 'late', 'x');
      return undefined;
    }, 1);
    await loop.start();
    for (const name of ['bug', 'late', 'fine']) await client.create(CONFIG_MAPS, map(name));
    await clock.advance(4);
    assert.deepEqual(keys, ['ns/bug', 'ns/late', 'ns/fine']);
    await clock.advance(11);
    assert.deepEqual(keys.slice(3), ['ns/bug', 'ns/late', 'ns/bug']);
    assert.deepEqual(loop.counts, { reconciles: 6, failures: 3, queued: 0 });
    assert.deepEqual(
      lines.map((l) => l.split(' ').slice(0, 3).join(' ')),
      ['error reconcile failed', 'debug reconcile retried', 'error reconcile failed'],
    );
    assert.match(lines[0] ?? '', /"key":"ns\/bug","failures":1/);
    await stop();
  });

  it('comes again when reconcile asks for it, never twice at a time for a key', async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    const { client, clock, loop, stop } = await world(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      runs++;
      return runs < 3 ? { requeueAfterMs: 1000 } : undefined;
    });
    await loop.start();
    const a = await client.create(CONFIG_MAPS, map('a'));
    await clock.advance(0);
    await client.update(CONFIG_MAPS, { ...a, data: { k: 'v' } });
    await clock.advance(999);
    assert.equal(runs, 2);
    await clock.advance(1001);
    assert.equal(runs, 3);
    assert.equal(most, 1);
    await stop();
  });

  it('gives reconcile a signal that stop aborts, and stop waits for it', async () => {
    let ended = false;
    const { client, clock, loop, stop } = await world(async (_, signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      ended = true;
      return undefined;
    });
    await loop.start();
    await client.create(CONFIG_MAPS, map('a'));
    await clock.advance(0);
    await stop();
    assert.ok(ended);
  });
});
