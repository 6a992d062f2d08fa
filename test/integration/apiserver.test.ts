// The API server over real TLS, seen as bytes: codes, reasons, media types, streams.

import assert from 'node:assert/strict';
import { type ClientHttp2Session, connect } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { decodeEnvelope, decodeMessage, decodeWatchEvent, encodeEnvelope } from '../../src/api/codec/protobuf.ts';
import { builtinSchema } from '../../src/api/schema/schema.ts';
import { startTestServer, type TestServer } from '../support/api-server.ts';

interface Answer {
  readonly code: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly bytes: Buffer;
  readonly text: string;
  // Whatever the server answered: tests look at members.
  readonly json: { [key: string]: unknown; kind?: string; message?: string; reason?: string; metadata?: Record<string, unknown> };
}

interface Ask {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly as?: string;
}

let server: TestServer;
let session: ClientHttp2Session;

/** One request over HTTP/2, as administrator unless told otherwise. */
function ask(path: string, options: Ask = {}): Promise<Answer> {
  const { body, as = 'admin' } = options;
  const bytes =
    body === undefined ? undefined : Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const stream = session.request(
      {
        ':path': path,
        ':method': options.method ?? (bytes ? 'POST' : 'GET'),
        ...(as !== '' && { authorization: `Bearer ${as}` }),
        ...(bytes && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      { endStream: false },
    );
    const chunks: Buffer[] = [];
    let headers: Record<string, string | string[] | undefined> = {};
    stream.on('response', (received) => {
      headers = received as typeof headers;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('end', () => {
      const whole = Buffer.concat(chunks);
      resolve({
        code: Number(headers[':status']),
        headers,
        bytes: whole,
        text: whole.toString('utf8'),
        get json() {
          return JSON.parse(whole.toString('utf8'));
        },
      });
    });
    stream.end(bytes);
  });
}

/** Reads a watch until `done` says so, then ends it. */
function watch(
  path: string,
  done: (text: string) => boolean,
  headers: Record<string, string> = {},
): Promise<{ text: string; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': path, authorization: 'Bearer admin', ...headers });
    const chunks: Buffer[] = [];
    const finish = (): void => {
      const bytes = Buffer.concat(chunks);
      resolve({ text: bytes.toString('utf8'), bytes });
    };
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (done(Buffer.concat(chunks).toString('utf8'))) stream.close();
    });
    stream.on('error', reject);
    stream.on('close', finish);
  });
}

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string, data: Record<string, string> = { k: 'v' }, labels?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(labels && { labels }) },
  data,
});
const podBody = (name: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'a', image: 'x' }], ...more },
});

before(async () => {
  server = await startTestServer();
  session = connect(server.url, { ca: server.ca });
});
after(async () => {
  session.destroy();
  await server.stop();
});

describe('API server: refusals', () => {
  const long = 'x'.repeat(4 << 20);
  const CASES: [title: string, path: string, ask: Ask, code: number, reason: string, message: RegExp][] = [
    ['a bad token', '/api/v1/pods', { as: 'bad' }, 401, 'Unauthorized', /^Unauthorized$/],
    [
      'nobody',
      '/api/v1/pods',
      { as: '' },
      403,
      'Forbidden',
      /^pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope$/,
    ],
    [
      'a user without the right',
      '/api/v1/namespaces/default/pods',
      { as: 'eve' },
      403,
      'Forbidden',
      /^pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "default"$/,
    ],
    [
      'a sub-resource without the right',
      '/apis/apps/v1/namespaces/default/deployments/web/scale',
      { as: 'eve' },
      403,
      'Forbidden',
      /^deployments.apps "web" is forbidden: User "eve" cannot get resource "deployments\/scale" in API group "apps" in the namespace "default"$/,
    ],
    ['a path without the right', '/metrics', { as: 'eve' }, 403, 'Forbidden', /^forbidden: User "eve" cannot get path "\/metrics"$/],
    [
      'impersonation without the right',
      '/api/v1/pods',
      { as: 'eve', headers: { 'impersonate-user': 'admin' } },
      403,
      'Forbidden',
      /^users "admin" is forbidden: User "eve" cannot impersonate resource "users" in API group "" at the cluster scope$/,
    ],
    ['an unknown resource', '/api/v1/frobs', {}, 404, 'NotFound', /^the server could not find the requested resource$/],
    [
      'a namespace for what has none',
      '/apis/rbac.authorization.k8s.io/v1/namespaces/default/clusterroles/cluster-admin',
      {},
      404,
      'NotFound',
      /^the server could not find the requested resource$/,
    ],
    ['a create in no namespace', '/api/v1/pods', { method: 'POST', body: {} }, 405, 'MethodNotAllowed', /does not allow this method/],
    ['a delete in all namespaces', '/api/v1/pods', { method: 'DELETE' }, 405, 'MethodNotAllowed', /does not allow this method/],
    ['an unknown path', '/nothing/here', {}, 404, 'NotFound', /^the server could not find the requested resource$/],
    ['an unknown object', `${CONFIG_MAPS}/none`, {}, 404, 'NotFound', /^configmaps "none" not found$/],
    ['a method that is not served', CONFIG_MAPS, { method: 'PUT', body: {} }, 405, 'MethodNotAllowed', /does not allow this method/],
    [
      'a body that is too large',
      CONFIG_MAPS,
      { body: configMap('big', { long }) },
      413,
      'RequestEntityTooLarge',
      /^Request entity too large: limit is 3145728$/,
    ],
    [
      'a body of an unknown type',
      CONFIG_MAPS,
      { body: 'x', headers: { 'content-type': 'text/plain' } },
      415,
      'UnsupportedMediaType',
      /accepted media types include: application\/json/,
    ],
    [
      'an answer of an unknown type',
      CONFIG_MAPS,
      { headers: { accept: 'text/html' } },
      406,
      'NotAcceptable',
      /only the following media types are accepted/,
    ],
    ['broken JSON', CONFIG_MAPS, { body: '{"kind":"ConfigMap",' }, 400, 'BadRequest', /unexpected end of JSON input/],
    ['broken YAML', CONFIG_MAPS, { body: 'a: [', headers: { 'content-type': 'application/yaml' } }, 400, 'BadRequest', /yaml/],
    [
      'broken protobuf',
      CONFIG_MAPS,
      { body: Buffer.from('k8s\0\xff\xff\xff'), headers: { 'content-type': 'application/vnd.kubernetes.protobuf' } },
      400,
      'BadRequest',
      /./,
    ],
    [
      'a body of another kind',
      CONFIG_MAPS,
      { body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } } },
      400,
      'BadRequest',
      /Secret in version "v1" cannot be handled as a ConfigMap/,
    ],
    [
      'a body of another version',
      CONFIG_MAPS,
      { body: { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'x' } } },
      400,
      'BadRequest',
      /no kind "ConfigMap" is registered for version "v2"/,
    ],
    [
      'a body of another namespace',
      CONFIG_MAPS,
      { body: { ...configMap('x'), metadata: { name: 'x', namespace: 'other' } } },
      400,
      'BadRequest',
      /^the namespace of the provided object does not match the namespace sent on the request$/,
    ],
    [
      'a wrong type',
      CONFIG_MAPS,
      { body: { ...configMap('x'), data: { k: 1 } } },
      400,
      'BadRequest',
      /json: cannot unmarshal number into Go struct field ConfigMap.data of type string/,
    ],
    [
      'an unknown field under Strict',
      `${CONFIG_MAPS}?fieldValidation=Strict`,
      { body: { ...configMap('x'), bogus: 1 } },
      400,
      'BadRequest',
      /strict decoding error: unknown field "bogus"/,
    ],
    [
      'an invalid name',
      CONFIG_MAPS,
      { body: configMap('A_b') },
      422,
      'Invalid',
      /^ConfigMap "A_b" is invalid: metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain/,
    ],
    ['no name', CONFIG_MAPS, { body: { metadata: {} } }, 422, 'Invalid', /metadata.name: Required value: name or generateName is required/],
    [
      'a bad label',
      CONFIG_MAPS,
      { body: configMap('x', {}, { 'a b': 'c' }) },
      422,
      'Invalid',
      /metadata.labels: Invalid value: "a b": name part must consist of/,
    ],
    ['a bad selector', `${CONFIG_MAPS}?labelSelector=a%20b%20c`, {}, 400, 'BadRequest', /unable to parse requirement|found/],
    ['a bad field selector', `${CONFIG_MAPS}?fieldSelector=data.k%3Dv`, {}, 400, 'BadRequest', /field/],
    ['a bad limit', `${CONFIG_MAPS}?limit=many`, {}, 400, 'BadRequest', /strconv.ParseInt: parsing "many": invalid syntax/],
    [
      'a bad dryRun',
      `${CONFIG_MAPS}?dryRun=Some`,
      { body: configMap('x') },
      422,
      'Invalid',
      /dryRun: Unsupported value: \["Some"\]: supported values: "All"/,
    ],
    [
      'a PATCH of no known kind',
      `${CONFIG_MAPS}/x`,
      { method: 'PATCH', body: '{}', headers: { 'content-type': 'application/apply-patch+cbor' } },
      415,
      'UnsupportedMediaType',
      /application\/strategic-merge-patch\+json/,
    ],
    [
      'a future version',
      `${CONFIG_MAPS}?resourceVersion=999999&resourceVersionMatch=NotOlderThan`,
      {},
      504,
      'Timeout',
      /Too large resource version/,
    ],
  ];
  for (const [title, path, options, code, reason, message] of CASES) {
    it(`answers ${title} with ${code} ${reason}`, async () => {
      const answer = await ask(path, options);
      assert.deepEqual([answer.code, answer.json.reason, answer.json.kind], [code, reason, 'Status'], answer.text);
      assert.match(answer.json.message ?? '', message);
    });
  }

  it('writes nothing for any of them', async () => {
    const list = await ask(CONFIG_MAPS);
    assert.deepEqual(list.json['items'], []);
  });
});

describe('API server: objects', () => {
  it('creates with 201 and warns of unknown fields', async () => {
    const answer = await ask(CONFIG_MAPS, { body: { ...configMap('warned'), bogus: 1 } });
    assert.equal(answer.code, 201);
    assert.equal(answer.headers['warning'], '299 - "unknown field \\"bogus\\""');
    assert.deepEqual(Object.keys(answer.json), ['kind', 'apiVersion', 'metadata', 'data']);
    await ask(`${CONFIG_MAPS}/warned`, { method: 'DELETE' });
  });

  it('answers an existing name with 409 AlreadyExists', async () => {
    await ask(CONFIG_MAPS, { body: configMap('twice') });
    const answer = await ask(CONFIG_MAPS, { body: configMap('twice') });
    assert.deepEqual([answer.code, answer.json.reason, answer.json.message], [409, 'AlreadyExists', 'configmaps "twice" already exists']);
  });

  it('keeps the resource version when an update changes nothing', async () => {
    const made = (await ask(CONFIG_MAPS, { body: configMap('same') })).json;
    const again = (await ask(`${CONFIG_MAPS}/same`, { method: 'PUT', body: made })).json;
    assert.equal(again.metadata?.['resourceVersion'], made.metadata?.['resourceVersion']);
  });

  it('refuses an update of an older version with 409 Conflict', async () => {
    const made = (await ask(CONFIG_MAPS, { body: configMap('old') })).json;
    await ask(`${CONFIG_MAPS}/old`, { method: 'PUT', body: { ...made, data: { k: 'w' } } });
    const late = await ask(`${CONFIG_MAPS}/old`, { method: 'PUT', body: { ...made, data: { k: 'x' } } });
    assert.deepEqual([late.code, late.json.reason], [409, 'Conflict']);
    assert.match(late.json.message ?? '', /the object has been modified; please apply your changes to the latest version and try again/);
  });

  it('refuses patches that make another object of it, a uid as what may not change', async () => {
    await ask(CONFIG_MAPS, { body: configMap('same') });
    const patch = async (type: string, body: unknown) =>
      await ask(`${CONFIG_MAPS}/same`, { method: 'PATCH', headers: { 'content-type': `application/${type}` }, body });
    // Controllers that adopt objects look for Invalid.
    const uid = await patch('strategic-merge-patch+json', { metadata: { uid: 'other' } });
    assert.deepEqual([uid.code, uid.json['reason']], [422, 'Invalid']);
    assert.equal(uid.json.message, 'ConfigMap "same" is invalid: metadata.uid: Invalid value: "other": field is immutable');
    const put = await ask(`${CONFIG_MAPS}/same`, { method: 'PUT', body: { metadata: { name: 'same', uid: 'other' } } });
    assert.deepEqual([put.code, put.json['reason']], [409, 'Conflict']);
    for (const [body, why] of [
      [{ kind: 'Pod' }, /converting \(v1\.Pod\) to \(core\.ConfigMap\): unknown conversion$/],
      [{ apiVersion: 'v9' }, /no kind "ConfigMap" is registered for version "v9" in scheme/],
    ] as const) {
      const answer = await patch('merge-patch+json', body);
      assert.deepEqual([answer.code, answer.json['reason']], [422, 'Invalid']);
      assert.match(answer.json.message ?? '', why);
    }
    const nothing = await patch('json-patch+json', [{ op: 'replace', path: '', value: 1 }]);
    assert.deepEqual([nothing.code, nothing.json['reason']], [422, 'Invalid']);
    assert.equal((await ask(`${CONFIG_MAPS}/none`, { method: 'PUT', body: {} })).code, 400);
  });

  it('applies concurrent patches without losing one', async () => {
    await ask(CONFIG_MAPS, { body: configMap('busy', {}) });
    const patch = (key: string) =>
      ask(`${CONFIG_MAPS}/busy`, {
        method: 'PATCH',
        body: { data: { [key]: 'x' } },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => patch(`k${i}`)));
    assert.ok(answers.every((answer) => answer.code === 200));
    const { data } = (await ask(`${CONFIG_MAPS}/busy`)).json;
    assert.equal(Object.keys(data as object).length, 20);
  });

  it('takes and gives protobuf and YAML', async () => {
    const message = builtinSchema().kind('', 'v1', 'ConfigMap');
    assert.ok(message);
    const headers = { 'content-type': 'application/vnd.kubernetes.protobuf', accept: 'application/vnd.kubernetes.protobuf' };
    const made = await ask(CONFIG_MAPS, { body: Buffer.from(encodeEnvelope(configMap('proto'), message)), headers });
    assert.deepEqual([made.code, made.headers['content-type']], [201, 'application/vnd.kubernetes.protobuf']);
    const opened = decodeEnvelope(made.bytes);
    assert.equal(opened.kind, 'ConfigMap');
    assert.deepEqual(decodeMessage<{ data: object }>(opened.raw, message).data, { k: 'v' });
    const yaml = await ask(CONFIG_MAPS, {
      body: 'metadata: {name: yam}\ndata: {a: "1"}\n',
      headers: { 'content-type': 'application/yaml', accept: 'application/yaml' },
    });
    assert.equal(yaml.code, 201);
    assert.match(yaml.text, /^data:\n {2}a: "1"$|a: "1"/m);
  });

  it('deletes with a Status, and with preconditions', async () => {
    const made = (await ask(CONFIG_MAPS, { body: configMap('gone') })).json;
    const wrong = await ask(`${CONFIG_MAPS}/gone`, { method: 'DELETE', body: { preconditions: { uid: 'other' } } });
    assert.deepEqual([wrong.code, wrong.json.reason], [409, 'Conflict']);
    const answer = await ask(`${CONFIG_MAPS}/gone`, { method: 'DELETE' });
    assert.deepEqual(answer.json['details'], { name: 'gone', kind: 'configmaps', uid: made.metadata?.['uid'] });
  });

  it('deletes pods gracefully, and at once when they have no node', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    await ask(pods, { body: podBody('free') });
    assert.equal((await ask(`${pods}/free`, { method: 'DELETE' })).code, 200);
    assert.equal((await ask(`${pods}/free`)).code, 404);
    await ask(pods, { body: podBody('bound', { nodeName: 'n1' }) });
    const marked = (await ask(`${pods}/bound`, { method: 'DELETE' })).json;
    assert.equal(marked.metadata?.['deletionGracePeriodSeconds'], 30);
    assert.equal((await ask(`${pods}/bound`)).code, 200);
    await ask(`${pods}/bound`, { method: 'DELETE', body: { gracePeriodSeconds: 0 } });
    assert.equal((await ask(`${pods}/bound`)).code, 404);
  });

  it('takes the options of a delete from its body, and from its query where it has none', async () => {
    await ask(CONFIG_MAPS, { body: configMap('optional') });
    const url = `${CONFIG_MAPS}/optional`;
    const refusal = async (body: object): Promise<unknown[]> => {
      const { code, json } = await ask(url, { method: 'DELETE', body });
      return [code, json.message];
    };
    const invalid = 'DeleteOptions.meta.k8s.io "" is invalid:';
    const policies = '"Foreground", "Background", "Orphan", "nil"';
    assert.deepEqual(await refusal({ propagationPolicy: 'X' }), [
      422,
      `${invalid} propagationPolicy: Unsupported value: "X": supported values: ${policies}`,
    ]);
    assert.deepEqual(await refusal({ dryRun: ['x'] }), [422, `${invalid} dryRun: Unsupported value: ["x"]: supported values: "All"`]);
    assert.deepEqual(await refusal({ gracePeriodSeconds: 'a' }), [
      400,
      'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
    ]);
    const [code, why] = await refusal({ preconditions: { uid: 'x' } });
    assert.equal(code, 409);
    assert.match(
      String(why),
      /^Operation cannot be fulfilled on ConfigMap "optional": the UID in the precondition \(x\) does not match the UID in record/,
    );
    assert.equal((await ask(`${url}?dryRun=All`, { method: 'DELETE' })).code, 200);
    assert.equal((await ask(url)).code, 200);
    assert.equal((await ask(`${url}?dryRun=All`, { method: 'DELETE', body: {} })).code, 200);
    assert.equal((await ask(url)).code, 404);
  });

  it('leaves the pods of a replication controller behind unless told otherwise', async () => {
    const controllers = '/api/v1/namespaces/default/replicationcontrollers';
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'x' }] } };
    await ask(controllers, { body: { metadata: { name: 'old' }, spec: { replicas: 0, template } } });
    const { json } = await ask(`${controllers}/old?dryRun=All`, { method: 'DELETE' });
    assert.deepEqual(json.metadata?.['finalizers'], ['orphan']);
    const told = await ask(`${controllers}/old?dryRun=All&propagationPolicy=Background`, { method: 'DELETE' });
    assert.equal(told.json.kind, 'Status');
  });

  it('binds a pod once, and evicts within a budget', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    await ask(pods, { body: podBody('sched') });
    const target = { target: { kind: 'Node', name: 'n1' }, metadata: { name: 'sched' } };
    const misspelt = { ...target, target: { ...target.target, nodeNam: 'n2' } };
    const strict = await ask(`${pods}/sched/binding?fieldValidation=Strict`, { body: misspelt });
    assert.deepEqual([strict.code, strict.json.reason], [400, 'BadRequest']);
    assert.match(strict.json.message ?? '', /strict decoding error: unknown field "target.nodeNam"/);
    assert.equal((await ask(`${pods}/sched/binding`, { body: target })).code, 201);
    const again = await ask(`${pods}/sched/binding`, { body: target });
    assert.deepEqual([again.code, again.json.reason], [409, 'Conflict']);
    assert.match(
      again.json.message ?? '',
      /^Operation cannot be fulfilled on pods\/binding "sched": pod sched is already assigned to node "n1"/,
    );
    const nowhere = await ask(`${pods}/sched/binding`, { body: { ...target, target: { kind: 'Pod' } } });
    const why = '[target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]';
    assert.deepEqual([nowhere.code, nowhere.json.reason, nowhere.json.message], [422, 'Invalid', `Binding "sched" is invalid: ${why}`]);
    const bindings = '/api/v1/namespaces/default/bindings';
    const nobody = await ask(bindings, { body: { ...target, metadata: { name: 'nobody' } } });
    assert.deepEqual([nobody.code, nobody.json.message], [404, 'pods "nobody" not found']);
    const unnamed = await ask(bindings, { body: { ...target, metadata: {} } });
    assert.deepEqual([unnamed.code, unnamed.json.message], [400, 'Name parameter required.']);
    const status = (await ask(`${pods}/sched`)).json['status'] as { conditions: { type: string; status: string }[] };
    assert.ok(status.conditions.some((condition) => condition.type === 'PodScheduled' && condition.status === 'True'));
    const evict = (more: object = {}) =>
      ask(`${pods}/sched/eviction`, { body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'sched' }, ...more } });
    const announced = async () => {
      const { conditions } = (await ask(`${pods}/sched`)).json['status'] as { conditions: { type: string; reason?: string }[] };
      return conditions.find((condition) => condition.type === 'DisruptionTarget')?.reason;
    };
    assert.equal((await evict({ deleteOptions: { preconditions: { resourceVersion: '1' } } })).code, 409);
    assert.equal((await evict({ deleteOptions: { dryRun: ['All'] } })).code, 201);
    assert.equal(await announced(), undefined);
    assert.equal((await evict()).code, 201);
    assert.equal(await announced(), 'EvictionByEvictionAPI');
  });

  it('refuses an eviction beyond the budget, and counts one within it', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    const merge = { 'content-type': 'application/merge-patch+json' };
    await ask(pods, { body: { ...podBody('kept'), metadata: { name: 'kept', labels: { kept: 'yes' } } } });
    await ask(`${pods}/kept/binding`, { body: { target: { kind: 'Node', name: 'n1' }, metadata: { name: 'kept' } } });
    const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
    await ask(`${pods}/kept/status`, { method: 'PATCH', body: { status: running }, headers: merge });
    await ask(budgets, { body: { metadata: { name: 'b' }, spec: { minAvailable: 1, selector: { matchLabels: { kept: 'yes' } } } } });
    const setAllowed = (disruptionsAllowed: number) => {
      const status = { observedGeneration: 1, disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 };
      return ask(`${budgets}/b/status`, { method: 'PATCH', body: { status }, headers: merge });
    };
    const evict = () => ask(`${pods}/kept/eviction`, { body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'kept' } } });
    const early = await evict();
    assert.deepEqual([early.code, early.json.reason], [429, 'TooManyRequests']);
    await setAllowed(0);
    const refused = await evict();
    assert.equal(refused.json.message, "Cannot evict pod as it would violate the pod's disruption budget.");
    await setAllowed(1);
    assert.equal((await evict()).code, 201);
    const status = (await ask(`${budgets}/b`)).json['status'] as { disruptionsAllowed: number; disruptedPods: Record<string, string> };
    assert.deepEqual([status.disruptionsAllowed, Object.keys(status.disruptedPods)], [0, ['kept']]);
  });

  it('asks no budget for a dry run more than it has, and refuses a pod with two budgets', async () => {
    const pods = '/api/v1/namespaces/default/pods';
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    const merge = { 'content-type': 'application/merge-patch+json' };
    await ask(pods, { body: { ...podBody('twice', { nodeName: 'n1' }), metadata: { name: 'twice', labels: { twice: 'yes' } } } });
    const patch = (path: string, status: object) => ask(`${path}/status`, { method: 'PATCH', body: { status }, headers: merge });
    await patch(`${pods}/twice`, { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] });
    const spec = { minAvailable: 1, selector: { matchLabels: { twice: 'yes' } } };
    await ask(budgets, { body: { metadata: { name: 'first' }, spec } });
    const healthy = { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 0, desiredHealthy: 1, expectedPods: 1 };
    await patch(`${budgets}/first`, healthy);
    const evict = (deleteOptions?: object) =>
      ask(`${pods}/twice/eviction`, { body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'twice' }, deleteOptions } });
    assert.equal((await evict({ dryRun: ['All'] })).code, 201);
    assert.equal(((await ask(`${budgets}/first`)).json['status'] as { disruptionsAllowed: number }).disruptionsAllowed, 1);
    await ask(budgets, { body: { metadata: { name: 'second' }, spec } });
    const refused = await evict();
    assert.deepEqual(
      [refused.code, refused.json.message],
      [500, 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'],
    );
    await ask(`${budgets}/second`, { method: 'DELETE' });
    await patch(`${budgets}/first`, { disruptionsAllowed: 0, currentHealthy: 1 });
    // It is not ready and the budget is healthy without it: nothing is spent.
    assert.equal((await evict()).code, 201);
  });

  it('scales by the scale sub-resource and raises the generation', async () => {
    const deployments = '/apis/apps/v1/namespaces/default/deployments';
    const labels = { app: 'web' };
    const spec = {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'x' }] } },
    };
    await ask(deployments, { body: { metadata: { name: 'web' }, spec } });
    const scale = (await ask(`${deployments}/web/scale`)).json;
    assert.deepEqual([scale.kind, scale['spec'], scale['status']], ['Scale', { replicas: 1 }, { replicas: 0, selector: 'app=web' }]);
    await ask(`${deployments}/web/scale`, {
      method: 'PATCH',
      body: { spec: { replicas: 3 } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    const after = (await ask(`${deployments}/web`)).json;
    assert.deepEqual([(after['spec'] as { replicas: number }).replicas, after.metadata?.['generation']], [3, 2]);
    await ask(`${deployments}/web/status`, {
      method: 'PUT',
      body: { ...after, spec: { ...(after['spec'] as object), replicas: 9 }, status: { replicas: 3 } },
    });
    const last = (await ask(`${deployments}/web`)).json;
    assert.deepEqual(
      [(last['spec'] as { replicas: number }).replicas, (last['status'] as { replicas: number }).replicas, last.metadata?.['generation']],
      [3, 3, 2],
    );
  });

  it('terminates a namespace when its finalizer is gone', async () => {
    await ask('/api/v1/namespaces', { body: { metadata: { name: 'brief' } } });
    const marked = (await ask('/api/v1/namespaces/brief', { method: 'DELETE' })).json;
    assert.deepEqual(marked['status'], { phase: 'Terminating' });
    await ask('/api/v1/namespaces/brief/finalize', { method: 'PUT', body: { ...marked, spec: { finalizers: [] } } });
    assert.equal((await ask('/api/v1/namespaces/brief')).code, 404);
  });

  it('shows one event in two groups', async () => {
    const event = {
      metadata: { name: 'e1' },
      involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
      reason: 'Started',
      message: 'hello',
      type: 'Normal',
    };
    assert.equal((await ask('/api/v1/namespaces/default/events', { body: event })).code, 201);
    const other = (await ask('/apis/events.k8s.io/v1/namespaces/default/events/e1')).json;
    assert.deepEqual(
      [other['apiVersion'], other['note'], (other['regarding'] as { name: string }).name],
      ['events.k8s.io/v1', 'hello', 'web'],
    );
    const list = (await ask('/apis/events.k8s.io/v1/namespaces/default/events?fieldSelector=regarding.name%3Dweb')).json;
    assert.equal((list['items'] as unknown[]).length, 1);
  });
});

describe('API server: reviews, tokens and certificates', () => {
  it('says who asks, and what somebody may do', async () => {
    const self = (await ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: {} })).json;
    assert.deepEqual((self['status'] as { userInfo: object }).userInfo, {
      username: 'admin',
      groups: ['system:masters', 'system:authenticated'],
    });
    const review = (name: string) =>
      ask('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        body: { spec: { user: name, resourceAttributes: { namespace: 'eve', verb: 'get', resource: 'configmaps' } } },
      });
    assert.deepEqual((await review('eve')).json['status'], { allowed: true });
    assert.deepEqual((await review('bob')).json['status'], { allowed: false });
    const both = await ask('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body: { spec: {} } });
    assert.equal(both.code, 422);
    const token = (await ask('/apis/authentication.k8s.io/v1/tokenreviews', { body: { spec: { token: 'bad' } } })).json;
    // What is false is left out, as in every object.
    assert.deepEqual([token['kind'], token['status']], ['TokenReview', { user: {}, error: 'invalid bearer token' }]);
  });

  it('gives out tokens of service accounts, within bounds', async () => {
    const accounts = '/api/v1/namespaces/default/serviceaccounts';
    await ask(accounts, { body: { metadata: { name: 'robot' } } });
    const made = await ask(`${accounts}/robot/token`, { body: { spec: { expirationSeconds: 3600 } } });
    assert.deepEqual([made.code, (made.json['status'] as { token: string }).token], [201, 'token-of-robot']);
    assert.equal((await ask(`${accounts}/robot/token`, { body: { spec: { expirationSeconds: 60 } } })).code, 422);
    assert.equal((await ask(`${accounts}/nobody/token`, { body: { spec: {} } })).code, 404);
    const bound = { spec: { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'none' } } };
    assert.equal((await ask(`${accounts}/robot/token`, { body: bound })).code, 404);
  });

  it('writes who asked into a certificate request, and approves through its sub-resource only', async () => {
    const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
    const pem = '-----BEGIN CERTIFICATE REQUEST-----\nMIH\n-----END CERTIFICATE REQUEST-----\n';
    const spec = {
      request: Buffer.from(pem).toString('base64'),
      signerName: 'example.com/any',
      usages: ['client auth'],
      username: 'somebody else',
    };
    const made = await ask(requests, { body: { metadata: { name: 'r1' }, spec } });
    assert.equal(made.code, 201, made.text);
    assert.equal((made.json['spec'] as { username: string }).username, 'admin');
    const conditions = [{ type: 'Approved', status: 'True', reason: 'x', message: 'y' }];
    const approved = (await ask(`${requests}/r1/approval`, { method: 'PUT', body: { ...made.json, status: { conditions } } })).json;
    const after = (approved['status'] as { conditions: { type: string; lastUpdateTime?: string }[] }).conditions;
    assert.ok(after[0]?.type === 'Approved' && after[0].lastUpdateTime);
  });

  it('gives concurrent services different node ports and addresses', async () => {
    const services = '/api/v1/namespaces/default/services';
    const body = (i: number) => ({ metadata: { name: `np${i}` }, spec: { type: 'NodePort', ports: [{ port: 80 }] } });
    const made = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(services, { body: body(i) })));
    const specs = made.map((answer) => answer.json['spec'] as { clusterIP: string; ports: { nodePort: number }[] });
    assert.equal(new Set(specs.map((spec) => spec.clusterIP)).size, 20);
    assert.equal(new Set(specs.map((spec) => spec.ports[0]?.nodePort)).size, 20);
  });
});

describe('API server: lists and watches', () => {
  const NS = '/api/v1/namespaces/kube-system/configmaps';
  before(async () => {
    for (let i = 0; i < 7; i++) await ask(NS, { body: configMap(`c${i}`, { i: String(i) }, { odd: String(i % 2 === 1) }) });
  });

  it('pages with a token, counting what remains', async () => {
    const names: string[] = [];
    let token = '';
    for (let page = 0; page < 4; page++) {
      const list = (await ask(`${NS}?limit=3${token === '' ? '' : `&continue=${token}`}`)).json;
      names.push(...(list['items'] as { metadata: { name: string } }[]).map((item) => item.metadata.name));
      if (page === 0) assert.equal(list.metadata?.['remainingItemCount'], 4);
      token = String(list.metadata?.['continue'] ?? '');
      if (token === '') break;
    }
    assert.deepEqual(names, ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
  });

  it('makes lists of items without kind, tables and metadata only', async () => {
    const list = (await ask(`${NS}?labelSelector=odd%3Dtrue`)).json;
    assert.equal(list.kind, 'ConfigMapList');
    assert.deepEqual(
      (list['items'] as object[]).map((item) => Object.keys(item)[0]),
      ['metadata', 'metadata', 'metadata'],
    );
    const asTable = await ask(NS, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' } });
    assert.equal(asTable.headers['content-type'], 'application/json');
    const table = asTable.json;
    assert.equal(table.kind, 'Table');
    assert.deepEqual((table['rows'] as { cells: unknown[] }[])[0]?.cells.slice(0, 2).map(String), ['c0', '1']);
    const partial = (await ask(NS, { headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' } })).json;
    assert.equal(partial.kind, 'PartialObjectMetadataList');
    assert.equal((partial['items'] as { data?: object }[])[0]?.data, undefined);
  });

  it('compresses what is large for those who accept it', async () => {
    await ask(NS, { body: configMap('large', { text: 'abc'.repeat(100_000) }) });
    const answer = await ask(NS, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(answer.headers['content-encoding'], 'gzip');
    const list = JSON.parse(gunzipSync(answer.bytes).toString('utf8'));
    assert.equal(list.items.length, 8);
    await ask(`${NS}/large`, { method: 'DELETE' });
  });

  it('tells a watcher when objects begin and cease to match its selector', async () => {
    const { metadata } = (await ask(NS)).json;
    const path = `${NS}?watch=1&labelSelector=odd%3Dtrue&resourceVersion=${metadata?.['resourceVersion']}`;
    const seen = watch(path, (text) => text.split('\n').length > 3);
    const label = (value: string) =>
      ask(`${NS}/c0`, {
        method: 'PATCH',
        body: { metadata: { labels: { odd: value } } },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
    await label('true');
    await ask(`${NS}/c2`, { method: 'PATCH', body: { data: { x: 'y' } }, headers: { 'content-type': 'application/merge-patch+json' } });
    await ask(`${NS}/c0`, { method: 'PATCH', body: { data: { x: 'y' } }, headers: { 'content-type': 'application/merge-patch+json' } });
    await label('false');
    const events = (await seen).text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: { metadata: { name: string } } });
    assert.deepEqual(
      events.map((event) => `${event.type} ${event.object.metadata.name}`),
      ['ADDED c0', 'MODIFIED c0', 'DELETED c0'],
    );
  });

  it('streams a list and marks its end', async () => {
    const path = `${NS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;
    const { text } = await watch(path, (all) => all.includes('initial-events-end'));
    const types = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    assert.deepEqual(types, [...Array.from({ length: 7 }, () => 'ADDED'), 'BOOKMARK']);
  });

  it('frames watch events of protobuf by length', async () => {
    const accept = 'application/vnd.kubernetes.protobuf;stream=watch';
    const { bytes } = await watch(`${NS}?watch=1&timeoutSeconds=1`, () => false, { accept });
    const event = decodeWatchEvent(bytes.subarray(4, 4 + bytes.readUInt32BE(0)));
    assert.equal(event.type, 'ADDED');
    assert.equal(decodeEnvelope(event.object).kind, 'ConfigMap');
  });

  it('ends a watch at its timeout', async () => {
    const { text } = await watch('/api/v1/nodes?watch=1&timeoutSeconds=1', () => false);
    assert.equal(text, '');
  });
});

describe('API server: HTTP/1.1, discovery and health', () => {
  const get1 = (path: string): Promise<{ code: number; text: string }> =>
    new Promise((resolve, reject) => {
      const sent = httpsRequest(
        `${server.url}${path}`,
        { ca: server.ca, headers: { authorization: 'Bearer admin' }, agent: false },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          answer.on('end', () => resolve({ code: answer.statusCode ?? 0, text }));
        },
      );
      sent.on('error', reject).end();
    });

  it('speaks HTTP/1.1 on the same port', async () => {
    const { code, text } = await get1('/api/v1/namespaces/default');
    assert.deepEqual([code, (JSON.parse(text) as { kind: string }).kind], [200, 'Namespace']);
  });

  it('refuses exec without an upgrade', async () => {
    await ask('/api/v1/namespaces/default/pods', { body: podBody('ex', { nodeName: 'n1' }) });
    const answer = await ask('/api/v1/namespaces/default/pods/ex/exec?command=sh&stdout=1', { method: 'POST', body: '' });
    assert.deepEqual([answer.code, answer.json.message], [400, 'Upgrade request required']);
  });

  it('takes objects of no namespace that name one, as charts have them', async () => {
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
    const body = { metadata: { name: 'roaming', namespace: 'default' }, rules: [] };
    const created = await ask(roles, { body });
    assert.deepEqual([created.code, created.json.metadata?.['namespace']], [201, undefined]);
    const headers = { 'content-type': 'application/apply-patch+yaml' };
    const applied = { ...body, apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' };
    assert.equal((await ask(`${roles}/roaming?fieldManager=helm`, { method: 'PATCH', headers, body: applied })).code, 200);
    assert.equal((await ask(`${roles}/roaming`, { method: 'PUT', body })).code, 200);
    assert.equal((await ask(`${roles}/roaming`, { method: 'DELETE' })).code, 200);
  });

  it('serves discovery in both forms', async () => {
    const groups = (await ask('/apis')).json;
    assert.equal(groups.kind, 'APIGroupList');
    const aggregated = await ask('/apis', {
      headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' },
    });
    assert.equal(aggregated.headers['content-type'], 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    assert.equal(aggregated.headers['cache-control'], 'public');
    assert.equal((await ask('/apis/')).json.kind, 'APIGroupList');
    assert.equal((await ask('/apis/apps/v1')).json.kind, 'APIResourceList');
    assert.equal((await ask('/apis/none/v1')).code, 404);
  });

  it('answers 304 to who has the document already', async () => {
    const index = (await ask('/openapi/v3')).json as { paths?: Record<string, { serverRelativeURL: string }> };
    const path = index.paths?.['apis/apps/v1']?.serverRelativeURL ?? '';
    const first = await ask(path);
    assert.equal(first.json['openapi'], '3.0.0');
    const second = await ask(path, { headers: { 'if-none-match': String(first.headers['etag']) } });
    assert.deepEqual([second.code, second.bytes.byteLength], [304, 0]);
  });

  it('reports its health, whole and by check', async () => {
    assert.equal((await ask('/readyz', { as: '' })).text, 'ok');
    assert.match((await ask('/readyz?verbose&exclude=ping', { as: '' })).text, /^\[\+\]ping excluded: ok\n[\s\S]*readyz check passed\n$/);
    assert.equal((await ask('/livez/ping', { as: '' })).text, 'ok');
    assert.equal((await ask('/livez/none', { as: '' })).code, 404);
  });

  it('counts requests under upstream names', async () => {
    const { text } = await ask('/metrics');
    assert.match(text, /apiserver_request_total\{verb="LIST",group="",version="v1",resource="configmaps".*code="200"\} \d+/);
    assert.match(text, /process_resident_memory_bytes/);
  });
});
