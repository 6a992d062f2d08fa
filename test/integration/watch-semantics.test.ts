// Lists and watches over HTTP by the matrix of "API concepts": versions, tokens, initial events, shapes, ends.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeEnvelope, decodeMessage, decodeWatchEvent } from '../../src/api/codec/protobuf.ts';
import { builtinSchema } from '../../src/api/schema/schema.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { MemoryStore } from '../../src/server/store/memory-store.ts';
import { ApiPeer } from '../support/api-peer.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';
import { MemoryJournal } from '../support/memory-journal.ts';

const NS = '/api/v1/namespaces/default/configmaps';
/** Events that the store remembers: few, so that versions are soon too old. */
const HISTORY = 40;

interface Event {
  readonly type: string;
  readonly object: {
    kind?: string;
    code?: number;
    reason?: string;
    message?: string;
    metadata: { name?: string; resourceVersion?: string; annotations?: object };
  };
}

const eventsOf = (bytes: Buffer): Event[] =>
  bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Event);
const lines = (count: number) => (bytes: Buffer) => bytes.toString('utf8').split('\n').length > count;
const shortly = (events: readonly Event[]): string[] => events.map(({ type, object }) => `${type} ${object.metadata?.name ?? object.kind}`);

describe('API server: the semantics of lists and watches', () => {
  let server: TestServer;
  let peer: ApiPeer;
  before(async () => {
    const journal = new MemoryJournal();
    const ring = { events: HISTORY, bytes: 64 << 20, ms: 600_000 };
    const store = new MemoryStore({ content: journal.content(), ring }, { journal, clock: systemClock, log: silentLogger });
    server = await startTestServer({ store });
    peer = new ApiPeer(server);
    for (let i = 0; i < 5; i++) await put(`c${i}`);
  });
  after(async () => {
    peer.close();
    await server.stop();
  });

  const put = async (name: string, data: Record<string, string> = {}): Promise<string> => {
    const { json } = await peer.ask(NS, { body: { metadata: { name }, data } });
    return String(json.metadata?.['resourceVersion']);
  };
  const touch = async (name: string, value: string): Promise<string> => {
    const headers = { 'content-type': 'application/merge-patch+json' };
    const { json } = await peer.ask(`${NS}/${name}`, { method: 'PATCH', headers, body: { data: { value } } });
    return String(json.metadata?.['resourceVersion']);
  };
  const current = async (): Promise<string> => String((await peer.ask(NS)).json.metadata?.['resourceVersion']);

  it('lists at exactly a version with Exact, at a newer one with NotOlderThan, and legacy clients exactly when they page', async () => {
    const then = await current();
    await touch('c0', 'later');
    const list = async (query: string): Promise<[unknown, unknown]> => {
      const { json } = await peer.ask(`${NS}?${query}`);
      const [first] = json['items'] as { data?: { value?: string } }[];
      return [json.metadata?.['resourceVersion'], first?.data?.value];
    };
    const now = await current();
    assert.deepEqual(await list(`resourceVersion=${then}&resourceVersionMatch=Exact`), [then, undefined]);
    assert.deepEqual(await list(`resourceVersion=${then}&resourceVersionMatch=NotOlderThan`), [now, 'later']);
    assert.deepEqual(await list(`resourceVersion=${then}`), [now, 'later']);
    assert.deepEqual(await list(`resourceVersion=${then}&limit=2`), [then, undefined]);
    assert.deepEqual(await list('resourceVersion=0&resourceVersionMatch=NotOlderThan'), [now, 'later']);
  });

  it('pages through one version whatever happens meanwhile', async () => {
    const first = (await peer.ask(`${NS}?limit=2`)).json;
    await put('c00');
    await put('c9');
    const second = (await peer.ask(`${NS}?limit=9&continue=${first.metadata?.['continue']}`)).json;
    const names = [first, second].flatMap(({ items }) => (items as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name));
    assert.deepEqual(names, ['c0', 'c1', 'c2', 'c3', 'c4']);
    assert.equal(second.metadata?.['resourceVersion'], first.metadata?.['resourceVersion']);
    assert.equal(second.metadata?.['remainingItemCount'], undefined);
    for (const name of ['c00', 'c9']) await peer.ask(`${NS}/${name}`, { method: 'DELETE' });
  });

  it('counts what remains only when nothing is selected away', async () => {
    const counted = (await peer.ask(`${NS}?limit=2`)).json;
    const selected = (await peer.ask(`${NS}?limit=2&fieldSelector=metadata.name!=c9`)).json;
    assert.deepEqual([counted.metadata?.['remainingItemCount'], selected.metadata?.['remainingItemCount']], [3, undefined]);
    assert.equal(typeof selected.metadata?.['continue'], 'string');
  });

  it('refuses a token that is too old with one that goes on, and an old version without', async () => {
    const first = (await peer.ask(`${NS}?limit=2`)).json;
    const old = String(first.metadata?.['resourceVersion']);
    for (let i = 0; i <= HISTORY; i++) await touch('c4', String(i));
    const expired = await peer.ask(`${NS}?limit=2&continue=${first.metadata?.['continue']}`);
    assert.deepEqual([expired.code, expired.json['reason']], [410, 'Expired']);
    const rest = (await peer.ask(`${NS}?limit=2&continue=${expired.json.metadata?.['continue']}`)).json;
    assert.deepEqual(
      (rest['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name),
      ['c2', 'c3'],
    );
    assert.equal(rest.metadata?.['resourceVersion'], await current());
    assert.equal(rest.metadata?.['remainingItemCount'], 1);
    // What follows stays at the version of the first page that goes on, whatever happens meanwhile.
    await touch('c4', 'later');
    const last = (await peer.ask(`${NS}?limit=2&continue=${rest.metadata?.['continue']}`)).json;
    assert.deepEqual(
      (last['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name),
      ['c4'],
    );
    assert.equal(last.metadata?.['resourceVersion'], rest.metadata?.['resourceVersion']);
    assert.deepEqual([last.metadata?.['continue'], last.metadata?.['remainingItemCount']], [undefined, undefined]);
    const exact = await peer.ask(`${NS}?resourceVersion=${old}&resourceVersionMatch=Exact`);
    assert.deepEqual([exact.code, exact.json['reason'], exact.json.metadata?.['continue']], [410, 'Expired', undefined]);
  });

  it('tells a watcher from a version that is too old by an ERROR event', async () => {
    const [event, ...more] = eventsOf(await peer.stream(`${NS}?watch=1&resourceVersion=1`, () => false));
    assert.deepEqual([event?.type, event?.object.code, event?.object.reason, more.length], ['ERROR', 410, 'Expired', 0]);
    assert.match(event?.object.message ?? '', /^too old resource version: 1 \(\d+\)$/);
  });

  it('begins a watch by sendInitialEvents, version and bookmarks as documented', async () => {
    const initial = ['ADDED c0', 'ADDED c1', 'ADDED c2', 'ADDED c3', 'ADDED c4'];
    const watch = async (query: string): Promise<Event[]> =>
      eventsOf(await peer.stream(`${NS}?watch=1&timeoutSeconds=1&${query}`, () => false));
    const [whole, unmarked, from, none] = await Promise.all([
      watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'),
      watch('sendInitialEvents=true&resourceVersionMatch=NotOlderThan'),
      watch('resourceVersion=0'),
      watch('sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'),
    ]);
    assert.deepEqual(shortly(whole), [...initial, 'BOOKMARK ConfigMap', 'BOOKMARK ConfigMap']);
    assert.deepEqual(whole[5]?.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
    assert.equal(whole[5]?.object.metadata.resourceVersion, await current());
    assert.equal(whole[6]?.object.metadata.annotations, undefined);
    assert.deepEqual(shortly(unmarked), initial);
    assert.deepEqual(shortly(from), initial);
    assert.deepEqual(shortly(none), ['BOOKMARK ConfigMap']);
  });

  it('refuses a version from the future, at once or with the cause that clients look for', async () => {
    const list = await peer.ask(`${NS}?resourceVersion=999999&resourceVersionMatch=NotOlderThan`);
    const watch = await peer.ask(`${NS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=999999`);
    for (const { code, json, headers } of [list, watch]) {
      const causes = (json['details'] as { causes?: { reason: string }[] }).causes;
      assert.deepEqual([code, causes?.[0]?.reason, headers['retry-after']], [504, 'ResourceVersionTooLarge', '1']);
    }
  });

  it('watches one object by name, by its field and under the old paths', async () => {
    for (const path of [
      `${NS}?watch=1&fieldSelector=metadata.name%3Dc1`,
      '/api/v1/configmaps?watch=true&fieldSelector=metadata.name%3Dc1,metadata.namespace%3Ddefault',
      '/api/v1/watch/namespaces/default/configmaps/c1?',
    ]) {
      const from = await current();
      const seen = peer.stream(`${path}&resourceVersion=${from}`, lines(2));
      await touch('c2', from);
      await touch('c1', from);
      await touch('c1', `${from}b`);
      assert.deepEqual(shortly(eventsOf(await seen)), ['MODIFIED c1', 'MODIFIED c1'], path);
    }
    assert.deepEqual(shortly(eventsOf(await peer.stream(`${NS}?watch=1&fieldSelector=metadata.name%3Dc1`, lines(1)))), ['ADDED c1']);
    assert.equal((await peer.ask(`${NS}/c1?watch=true`)).json.kind, 'ConfigMap');
  });

  it('shows events as metadata and as Tables, whose first one tells the columns', async () => {
    const from = await current();
    const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
    const partial = { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' };
    const tables = peer.stream(`${NS}?watch=1&resourceVersion=${from}`, lines(2), table);
    const metadata = peer.stream(`${NS}?watch=1&resourceVersion=${from}`, lines(2), partial);
    await touch('c1', 'x');
    await touch('c1', 'y');
    const shown = eventsOf(await tables) as unknown as {
      object: { kind: string; columnDefinitions: object[] | null; rows: { cells: unknown[] }[] };
    }[];
    assert.deepEqual(
      shown.map(({ object }) => [object.kind, object.columnDefinitions?.length ?? 0, object.rows[0]?.cells.slice(0, 2)]),
      [
        ['Table', 3, ['c1', 1]],
        ['Table', 0, ['c1', 1]],
      ],
    );
    const [first] = eventsOf(await metadata);
    assert.deepEqual([first?.object.kind, Object.keys(first?.object ?? {})], ['PartialObjectMetadata', ['kind', 'apiVersion', 'metadata']]);
  });

  it('frames events, bookmarks, metadata and errors as protobuf', async () => {
    const whole = 'application/vnd.kubernetes.protobuf;stream=watch';
    const partial = 'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
    const query = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1';
    const framesOf = (bytes: Buffer): { type: string; kind: string; object: { metadata?: { name?: string }; code?: number } }[] => {
      const out: ReturnType<typeof framesOf> = [];
      for (let at = 0; at < bytes.byteLength; ) {
        const size = bytes.readUInt32BE(at);
        const { type, object } = decodeWatchEvent(bytes.subarray(at + 4, at + 4 + size));
        const { apiVersion, kind, raw } = decodeEnvelope(object);
        const message =
          apiVersion === 'v1' && kind === 'ConfigMap'
            ? builtinSchema().kind('', 'v1', kind)
            : builtinSchema().message(`io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`);
        assert.ok(message, `${apiVersion} ${kind}`);
        out.push({ type, kind, object: decodeMessage(raw, message) });
        at += 4 + size;
      }
      return out;
    };
    const [objects, metadata, error] = await Promise.all([
      peer.stream(`${NS}?watch=1&${query}`, () => false, { accept: whole }),
      peer.stream(`${NS}?watch=1&${query}`, () => false, { accept: partial }),
      peer.stream(`${NS}?watch=1&resourceVersion=1`, () => false, { accept: whole }),
    ]);
    for (const [bytes, kind] of [
      [objects, 'ConfigMap'],
      [metadata, 'PartialObjectMetadata'],
    ] as const) {
      const frames = framesOf(bytes);
      assert.deepEqual(
        frames.slice(0, 6).map((frame) => `${frame.type} ${frame.kind} ${frame.object.metadata?.name}`),
        [...['c0', 'c1', 'c2', 'c3', 'c4'].map((name) => `ADDED ${kind} ${name}`), `BOOKMARK ${kind} undefined`],
      );
    }
    const [failure] = framesOf(error);
    assert.deepEqual([failure?.type, failure?.kind, failure?.object.code], ['ERROR', 'Status', 410]);
  });

  it('lists as protobuf in a joined form that says what the JSON says', async () => {
    const accept = 'application/vnd.kubernetes.protobuf';
    const answer = await peer.ask(`${NS}?limit=3`, { headers: { accept } });
    const { kind, raw } = decodeEnvelope(answer.bytes);
    const message = builtinSchema().kind('', 'v1', 'ConfigMapList');
    assert.ok(message);
    const list = decodeMessage<{
      metadata: { remainingItemCount?: number; continue?: string };
      items: { metadata: object; data?: object }[];
    }>(raw, message);
    const json = (await peer.ask(`${NS}?limit=3`)).json;
    assert.deepEqual([answer.headers['content-type'], kind], [accept, 'ConfigMapList']);
    assert.deepEqual([list.metadata.remainingItemCount, list.metadata.continue], [2, json.metadata?.['continue']]);
    assert.deepEqual(list.items, json['items']);
  });

  it('cuts off a watcher that does not read, and goes on for the others', async () => {
    const WRITES = 16;
    // On a connection of its own: what it does not read would hold up the other streams.
    const sleeper = new ApiPeer(server);
    const slow = sleeper.unread(`${NS}?watch=1&fieldSelector=metadata.name%3Dlarge`);
    const value = 'x'.repeat(700_000);
    await put('large', { value });
    for (let i = 0; i < WRITES; i++) await touch('large', `${i}${value}`);
    const events = eventsOf(await slow.readOn());
    assert.ok(events.length < WRITES, `${events.length} events were kept for it`);
    sleeper.close();
    const seen = peer.stream(`${NS}?watch=1&resourceVersion=${await current()}`, lines(1));
    await peer.ask(`${NS}/large`, { method: 'DELETE' });
    assert.deepEqual(shortly(eventsOf(await seen)), ['DELETED large']);
  });
});
