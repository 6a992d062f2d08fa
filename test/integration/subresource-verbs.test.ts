// Every verb of every sub-resource that works on an object: what is read can be written back, in each way of writing, and verbs that
// a sub-resource does not have are refused.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BUILTIN_RESOURCES, type ResourceInfo, type SubresourceInfo } from '../../src/api/resources.ts';
import { ApiPeer, type PeerAnswer } from '../support/api-peer.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';
import { Random } from '../support/random.ts';
import { soundObject } from '../support/sound-objects.ts';

/** The verbs of the sub-resources that exchange objects, as upstream's discovery tells them. */
const READ_AND_WRITE = ['get', 'patch', 'update'];
const EXPECTED: Readonly<Record<string, readonly string[]>> = { finalize: ['update'] };
const OBJECT_VIEWS = new Set(['status', 'scale', 'ephemeralcontainers', 'resize', 'approval', 'finalize']);

const DEPLOYMENT = {
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'x' }] } },
  },
};

const METHODS = { get: 'GET', update: 'PUT', patch: 'PATCH', create: 'POST', delete: 'DELETE' } as const;

const cases: (readonly [ResourceInfo, SubresourceInfo])[] = BUILTIN_RESOURCES.flatMap((info) =>
  info.subresources.filter(({ name }) => OBJECT_VIEWS.has(name)).map((sub) => [info, sub] as const),
);
const collection = ({ group, version, namespaced, resource }: ResourceInfo): string =>
  `${group === '' ? '/api' : `/apis/${group}`}/${version}${namespaced ? '/namespaces/default' : ''}/${resource}`;

describe('API server: sub-resources', () => {
  let server: TestServer;
  let peer: ApiPeer;
  before(async () => {
    server = await startTestServer();
    peer = new ApiPeer(server);
  });
  after(async () => {
    peer.close();
    await server.stop();
  });

  /** Creates an object of the resource; undefined for kinds of which no sound object is at hand. */
  const made = async (info: ResourceInfo, name: string): Promise<string | undefined> => {
    const object = soundObject(info, new Random(1));
    if (!object) return undefined;
    const answer = await peer.ask(collection(info), { body: { ...object, metadata: { name } } });
    assert.equal(answer.code, 201, `${info.resource}: ${answer.bytes}`);
    return `${collection(info)}/${name}`;
  };
  const patch = (path: string, type: string, body: unknown): Promise<PeerAnswer> =>
    peer.ask(path, { method: 'PATCH', body, headers: { 'content-type': type } });

  it('has the verbs that discovery names', () => {
    assert.ok(cases.length >= 28, String(cases.length));
    for (const [info, sub] of cases)
      assert.deepEqual([...sub.verbs].sort(), EXPECTED[sub.name] ?? READ_AND_WRITE, `${info.resource}/${sub.name}`);
  });

  it('takes back what it has shown, by update and by every patch', async () => {
    let tried = 0;
    for (const [index, [info, sub]] of cases.entries()) {
      if (!sub.verbs.includes('get')) continue;
      const path = await made(info, `s${index}`);
      if (path === undefined) continue;
      tried++;
      const what = `${info.resource}/${sub.name}`;
      const read = await peer.ask(`${path}/${sub.name}`);
      assert.deepEqual([read.code, read.json.kind], [200, sub.kind], what);
      const updated = await peer.ask(`${path}/${sub.name}`, { method: 'PUT', body: read.json });
      assert.equal(updated.code, 200, `${what}: ${updated.bytes}`);
      assert.equal(updated.json.metadata?.['resourceVersion'], read.json.metadata?.['resourceVersion'], `${what} changed something`);
      for (const type of ['application/merge-patch+json', 'application/strategic-merge-patch+json']) {
        assert.equal((await patch(`${path}/${sub.name}`, type, {})).code, 200, `${what} ${type}`);
      }
      assert.equal((await patch(`${path}/${sub.name}`, 'application/json-patch+json', [])).code, 200, what);
      const applied = { kind: sub.kind, apiVersion: String(read.json['apiVersion']), metadata: {} };
      const apply = await patch(`${path}/${sub.name}?fieldManager=t`, 'application/apply-patch+yaml', applied);
      assert.equal(apply.code, 200, `${what}: ${apply.bytes}`);
    }
    assert.ok(tried >= 16, `only ${tried} were tried`);
  });

  it('prints a scale as a Table of its own', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    await peer.ask('/apis/apps/v1/namespaces/default/deployments', { body: { ...DEPLOYMENT, metadata: { name: 'printed' } } });
    const { code, json } = await peer.ask('/apis/apps/v1/namespaces/default/deployments/printed/scale', { headers: { accept } });
    const columns = (json['columnDefinitions'] as { name: string }[]).map(({ name }) => name);
    const cells = (json['rows'] as { cells: unknown[] }[])[0]?.cells.slice(0, 3);
    assert.deepEqual([code, columns, cells], [200, ['Name', 'Desired', 'Available', 'Age'], ['printed', 3, 0]]);
  });

  it('refuses the verbs that a sub-resource does not have', async () => {
    for (const [info, sub] of cases) {
      const missing = (['get', 'update', 'patch', 'create', 'delete'] as const).filter((verb) => !sub.verbs.includes(verb));
      for (const verb of missing) {
        const answer = await peer.ask(`${collection(info)}/x/${sub.name}`, { method: METHODS[verb], ...(verb !== 'get' && { body: {} }) });
        assert.deepEqual([answer.code, answer.json['reason']], [405, 'MethodNotAllowed'], `${verb} ${info.resource}/${sub.name}`);
      }
    }
  });
});
