// The conformance suite's Watchers tests, step by step over real TLS.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type CustomWorld, type Json, startCustomWorld } from '../support/custom-world.ts';

let world: CustomWorld;
before(async () => {
  world = await startCustomWorld();
});
after(() => world.stop());

const MAPS = '/api/v1/namespaces/default/configmaps';
const label = (value: string) => ({ metadata: { labels: { 'watch-this-configmap': value } } });
const create = (name: string, value: string): Promise<Json> => world.done('POST', MAPS, { metadata: { name, ...label(value).metadata } });
const change = (name: string, patch: object): Promise<Json> =>
  world.done('PATCH', `${MAPS}/${name}`, patch, { type: 'application/merge-patch+json' });
const remove = (name: string): Promise<Json> => world.done('DELETE', `${MAPS}/${name}`);
const mutate = (name: string, n: number): Promise<Json> => change(name, { data: { mutation: String(n) } });
const versionNow = async (): Promise<string> => (await world.done('GET', MAPS)).metadata.resourceVersion;

/** The events of a second, from a version: all of them when what causes them is over. */
async function eventsFrom(resourceVersion: string, selector = ''): Promise<Json[]> {
  const selected = selector && `&labelSelector=${encodeURIComponent(selector)}`;
  return [await world.done('GET', `${MAPS}?watch=1&timeoutSeconds=1&resourceVersion=${resourceVersion}${selected}`)].flat().filter(Boolean);
}

const shortly = (events: readonly Json[]): string[] =>
  events.map(({ type, object }) => `${type} ${object.metadata.name} ${object.data?.mutation ?? 0}`);

describe('[sig-api-machinery] Watchers', { concurrency: true }, () => {
  it('observe add, update, and delete watch notifications on configmaps', async () => {
    const from = await versionNow();
    await create('a', 'multiple-watchers-A');
    await mutate('a', 1);
    await mutate('a', 2);
    await remove('a');
    await create('b', 'multiple-watchers-B');
    await remove('b');
    const [a, b, either] = await Promise.all([
      eventsFrom(from, 'watch-this-configmap=multiple-watchers-A'),
      eventsFrom(from, 'watch-this-configmap=multiple-watchers-B'),
      eventsFrom(from, 'watch-this-configmap in (multiple-watchers-A,multiple-watchers-B)'),
    ]);
    assert.deepEqual(shortly(a), ['ADDED a 0', 'MODIFIED a 1', 'MODIFIED a 2', 'DELETED a 2']);
    assert.deepEqual(shortly(b), ['ADDED b 0', 'DELETED b 0']);
    assert.deepEqual(shortly(either), [...shortly(a), ...shortly(b)]);
  });

  it('start watching from a specific resource version, and from the last one observed', async () => {
    await create('restarted', 'watch-closed-and-restarted');
    const first = await mutate('restarted', 1);
    await mutate('restarted', 2);
    await remove('restarted');
    const events = await eventsFrom(first.metadata.resourceVersion, 'watch-this-configmap=watch-closed-and-restarted');
    assert.deepEqual(shortly(events), ['MODIFIED restarted 2', 'DELETED restarted 2']);
    const again = await eventsFrom(events[0].object.metadata.resourceVersion, 'watch-this-configmap=watch-closed-and-restarted');
    assert.deepEqual(shortly(again), ['DELETED restarted 2']);
  });

  it('observe an object deletion if it stops meeting the requirements of the selector', async () => {
    const from = await versionNow();
    const selector = 'watch-this-configmap=label-changed-and-restored';
    await create('labelled', 'label-changed-and-restored');
    await mutate('labelled', 1);
    await change('labelled', label('wrong-value'));
    await mutate('labelled', 2);
    await change('labelled', label('label-changed-and-restored'));
    await mutate('labelled', 3);
    await remove('labelled');
    assert.deepEqual(shortly(await eventsFrom(from, selector)), [
      'ADDED labelled 0',
      'MODIFIED labelled 1',
      'DELETED labelled 1',
      'ADDED labelled 2',
      'MODIFIED labelled 3',
      'DELETED labelled 3',
    ]);
  });

  it('receive events on concurrent watches in same order', async () => {
    const from = await versionNow();
    const selector = 'watch-this-configmap=concurrent';
    const open = eventsFrom(from, selector);
    const writer = async (name: string): Promise<void> => {
      await create(name, 'concurrent');
      for (let n = 1; n <= 5; n++) await mutate(name, n);
      if (name !== 'w0') await remove(name);
    };
    await Promise.all(['w0', 'w1', 'w2', 'w3'].map(writer));
    const versions = (events: readonly Json[]): string[] => events.map(({ object }) => object.metadata.resourceVersion);
    const all = versions(await eventsFrom(from, selector));
    assert.equal(all.length, 4 * 6 + 3);
    const later = await Promise.all(all.slice(0, -1).map((version) => eventsFrom(version, selector)));
    for (const [i, events] of later.entries()) assert.deepEqual(versions(events), all.slice(i + 1));
    const seen = versions(await open);
    assert.ok(seen.length > 0);
    assert.deepEqual(seen, all.slice(0, seen.length));
  });
});
