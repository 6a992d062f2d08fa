// Admission webhooks against a real HTTPS server: what the conformance tests of AdmissionWebhook do, and what they leave out.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { text } from 'node:stream/consumers';
import { after, afterEach, test } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import type * as admission from '../../src/api/types/admission-v1.gen.ts';
import type { Deployment } from '../../src/api/types/apps-v1.gen.ts';
import type { ConfigMap, Pod } from '../../src/api/types/core-v1.gen.ts';
import type { Status } from '../../src/api/types/meta-v1.gen.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  NAMESPACES,
  PODS,
  SERVICE_ACCOUNTS,
  TOKEN_REVIEWS,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
} from '../../src/client/resources.ts';
import { refusalOf } from '../support/admitted-server.ts';
import { startWebhookServer, type WebhookAnswer } from '../support/webhook-server.ts';
import { CONFIG_MAP_RULE, patch, type Say, startWebhookWorld } from '../support/webhook-world.ts';

const world = await startWebhookWorld();
const { cluster, webhook, validating, mutating } = world;
const { client } = cluster;

afterEach(() => world.reset());
after(() => world.stop());

let names = 0;
const configMap = (data: Record<string, string> = {}, namespace = 'shop') =>
  client.create(CONFIG_MAPS, { metadata: { name: `c${++names}`, namespace }, data });
const pod = (name: string, more: object = {}) =>
  client.create<Pod>(PODS, { metadata: { name, namespace: 'shop', ...more }, spec: { containers: [{ name: 'main', image: 'web' }] } });

test('A validating webhook denies what it is asked about, with its message, code and reason', async () => {
  await validating(
    webhook('deny', () => ({ allowed: false, status: { metadata: {}, message: 'no', code: 418, reason: 'Teapot' } }), {
      rules: [CONFIG_MAP_RULE, { ...CONFIG_MAP_RULE, resources: ['pods'] }],
      namespaceSelector: { matchLabels: { team: 'shop' } },
    }),
  );
  const message = 'admission webhook "deny.example.com" denied the request: no';
  assert.deepEqual(await refusalOf(configMap()), { code: 418, message });
  assert.deepEqual(await refusalOf(pod('web')), { code: 418, message });
  const elsewhere = await configMap({}, 'default');
  assert.equal(elsewhere.metadata.namespace, 'default');
});

const DENIALS: { title: string; status?: Status; refusal: { code: number; message: string } }[] = [
  { title: 'nothing', refusal: { code: 400, message: 'admission webhook "deny.example.com" denied the request without explanation' } },
  {
    title: 'a reason alone',
    status: { metadata: {}, reason: 'Because' },
    refusal: { code: 400, message: 'admission webhook "deny.example.com" denied the request: Because' },
  },
  {
    title: 'a code of success',
    status: { metadata: {}, code: 200, message: 'x' },
    refusal: { code: 400, message: 'admission webhook "deny.example.com" denied the request: x' },
  },
];
for (const { title, status, refusal } of DENIALS) {
  test(`A denial that says ${title} is a refusal all the same`, async () => {
    await validating(webhook('deny', () => ({ allowed: false, ...(status && { status }) })));
    assert.deepEqual(await refusalOf(configMap()), refusal);
  });
}

test('A webhook is shown the request as it is', async () => {
  const seen: admission.AdmissionRequest[] = [];
  const note: Say = (request) => {
    seen.push(request);
    return {};
  };
  await validating(webhook('note', note, { rules: [{ ...CONFIG_MAP_RULE, operations: ['*'] }] }));
  const user = { name: 'jane', uid: 'u1', groups: ['dev'], extra: { scope: ['a'] } };
  const jane = cluster.as(user);
  const made = await jane.create(
    CONFIG_MAPS,
    { metadata: { name: 'seen', namespace: 'shop' }, data: { a: '1' } },
    { fieldManager: 'tests' },
  );
  await jane.patch(CONFIG_MAPS, { namespace: 'shop', name: 'seen' }, { type: 'merge', body: { data: { a: '2' } } });
  await jane.delete(CONFIG_MAPS, { namespace: 'shop', name: 'seen' }, { propagationPolicy: 'Background' });
  const [create, update, remove] = seen;
  const { uid, object, ...rest } = create ?? {};
  assert.match(uid ?? '', /^[0-9a-f-]{36}$/);
  assert.equal((object as unknown as KubeObject).metadata.uid, (made as KubeObject).metadata.uid);
  assert.deepEqual(rest, {
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
    requestResource: { group: '', version: 'v1', resource: 'configmaps' },
    name: 'seen',
    namespace: 'shop',
    operation: 'CREATE',
    userInfo: { username: 'jane', uid: 'u1', groups: ['dev'], extra: { scope: ['a'] } },
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'tests' },
  });
  assert.equal(update?.operation, 'UPDATE');
  assert.deepEqual(
    [update?.oldObject, update?.object].map((value) => (value as unknown as ConfigMap).data),
    [{ a: '1' }, { a: '2' }],
  );
  assert.deepEqual(update?.options, { kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1' });
  assert.equal(remove?.operation, 'DELETE');
  assert.equal(remove?.object, null);
  assert.deepEqual((remove?.oldObject as unknown as ConfigMap | undefined)?.data, { a: '2' });
  assert.deepEqual(remove?.options, { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', propagationPolicy: 'Background' });
});

test('A webhook that can only speak v1beta1 is asked in it', async () => {
  const reviews: string[] = [];
  const beta = await startWebhookServer(({ body }) => {
    reviews.push((body as KubeObject).apiVersion ?? '');
    return { value: { apiVersion: 'admission.k8s.io/v1beta1', kind: 'AdmissionReview', response: { allowed: false } } };
  });
  try {
    const clientConfig = { url: `https://127.0.0.1:${beta.port}/`, caBundle: beta.caBundle };
    await validating(webhook('old', () => ({}), { clientConfig, admissionReviewVersions: ['v7', 'v1beta1'] }));
    assert.equal((await refusalOf(configMap())).message, 'admission webhook "old.example.com" denied the request without explanation');
    assert.deepEqual(reviews, ['admission.k8s.io/v1beta1']);
  } finally {
    await beta.stop();
  }
});

test('Mutating webhooks patch one after the other, and their warnings reach the client', async () => {
  const add =
    (key: string): Say =>
    (request) => ({
      ...patch({ op: 'add', path: `/data/${key}`, value: String(Object.keys((request.object as unknown as ConfigMap).data ?? {}).length) }),
      warnings: [`added ${key}`],
    });
  await mutating(webhook('first', add('one')), webhook('second', add('two')));
  assert.deepEqual((await configMap({ zero: '0' })).data, { one: '1', two: '2', zero: '0' });
  assert.deepEqual(cluster.takeWarnings(), ['added one', 'added two']);
});

test('A patched object is read, pruned and defaulted like one from a client', async () => {
  await mutating(
    webhook(
      'container',
      () =>
        patch(
          { op: 'add', path: '/spec/initContainers', value: [{ name: 'added', image: 'init', nonsense: true }] },
          { op: 'add', path: '/spec/nonsense', value: 1 },
        ),
      { rules: [{ ...CONFIG_MAP_RULE, operations: ['CREATE'], resources: ['pods'] }] },
    ),
  );
  const { spec } = await pod('mutated');
  const [added] = spec?.initContainers ?? [];
  assert.equal(added?.terminationMessagePolicy, 'File');
  assert.equal(added?.imagePullPolicy, 'Always');
  // The service account plugin ran again and gave the new container its token.
  assert.equal(added?.volumeMounts?.length, 1);
  assert.ok(added && !('nonsense' in added));
});

test('A webhook that wants it is asked again after a later change, once', async () => {
  const calls: string[] = [];
  const log =
    (name: string, answer: Partial<admission.AdmissionResponse> = {}): Say =>
    () => {
      calls.push(name);
      return answer;
    };
  const change = patch({ op: 'add', path: '/data/x', value: 'x' });
  await mutating({ ...webhook('again', log('again')), reinvocationPolicy: 'IfNeeded' }, webhook('never', log('never')), {
    ...webhook('changes', log('changes', change)),
    reinvocationPolicy: 'IfNeeded',
  });
  await configMap({ a: '1' });
  assert.deepEqual(calls, ['again', 'never', 'changes', 'again']);
});

const BAD_ANSWERS: { title: string; answer: WebhookAnswer; why: string }[] = [
  { title: '404', answer: { code: 404, text: '' }, why: 'failed to call webhook: the server could not find the requested resource' },
  {
    title: 'another uid',
    answer: { value: { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: { uid: 'x', allowed: true } } },
    why: 'received invalid webhook response: expected response.uid=',
  },
  {
    title: 'another kind',
    answer: { value: { kind: 'Pod', apiVersion: 'v1' } },
    why: 'received invalid webhook response: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got v1, Kind=Pod',
  },
  { title: 'no JSON', answer: { text: 'hello' }, why: `failed to call webhook: couldn't get version/kind; json parse error:` },
];
for (const { title, answer, why } of BAD_ANSWERS) {
  test(`An answer with ${title} refuses the request, or not, as the failure policy says`, async () => {
    const bad = await startWebhookServer(() => answer);
    try {
      const clientConfig = { url: `https://127.0.0.1:${bad.port}/`, caBundle: bad.caBundle };
      const configuration = await validating(webhook('bad', () => ({}), { clientConfig }));
      const { code, message } = await refusalOf(configMap());
      assert.equal(code, 500);
      assert.ok(message.startsWith(`Internal error occurred: failed calling webhook "bad.example.com": ${why}`), message);
      const webhooks = [webhook('bad', () => ({}), { clientConfig, failurePolicy: 'Ignore' })];
      await client.update(VALIDATING_WEBHOOK_CONFIGURATIONS, { ...configuration, webhooks });
      await configMap();
    } finally {
      await bad.stop();
    }
  });
}

test('A webhook whose Service has nothing behind it is failed, closed', async () => {
  const clientConfig = { service: { namespace: 'default', name: 'nobody', path: '/x' }, caBundle: world.hooks.caBundle };
  await validating(webhook('gone', () => ({}), { clientConfig }));
  assert.deepEqual(await refusalOf(configMap()), {
    code: 500,
    message:
      'Internal error occurred: failed calling webhook "gone.example.com": failed to call webhook: Post "https://nobody.default.svc:443/x?timeout=10s": services "nobody" not found',
  });
});

test('A webhook that does not answer in time is failed by its policy', async () => {
  const slow: Say = () => new Promise(() => {});
  const made = await validating(webhook('slow', slow, { timeoutSeconds: 1 }));
  assert.deepEqual(await refusalOf(configMap()), {
    code: 500,
    message:
      'Internal error occurred: failed calling webhook "slow.example.com": failed to call webhook: Post "https://webhook.default.svc:443/slow?timeout=1s": context deadline exceeded',
  });
  const open = webhook('slow', slow, { timeoutSeconds: 1, failurePolicy: 'Ignore' });
  await client.update(VALIDATING_WEBHOOK_CONFIGURATIONS, { ...made, webhooks: [open] });
  await configMap();
});

test('A dry run asks only webhooks without side effects, and tells them', async () => {
  let dryRun: boolean | undefined;
  const note: Say = (request) => {
    dryRun = request.dryRun;
    return {};
  };
  const made = await validating(webhook('dry', note, { sideEffects: 'NoneOnDryRun' }));
  const dry = () => client.create(CONFIG_MAPS, { metadata: { name: 'dry', namespace: 'shop' } }, { dryRun: true });
  await dry();
  assert.equal(dryRun, true);
  // What an older server let through.
  const stored = { ...made, webhooks: (made.webhooks ?? []).map((each) => ({ ...each, sideEffects: 'Some' })) };
  const key = `/registry/validatingwebhookconfigurations/${made.metadata.name}`;
  const { store } = cluster;
  await store.update(key, stored as KubeObject, { revision: store.head(key)?.revision ?? 0, durability: 'strict' });
  assert.deepEqual(await refusalOf(dry()), { code: 400, message: 'admission webhook "dry.example.com" does not support dry run' });
});

test('No webhook guards or changes webhook configurations', async () => {
  const rules = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }];
  const calls: string[] = [];
  const refuse: Say = ({ kind }) => {
    calls.push(kind?.kind ?? '');
    return { allowed: false };
  };
  await validating(webhook('all', refuse, { rules, objectSelector: { matchExpressions: [{ key: 'spare', operator: 'DoesNotExist' }] } }));
  const made = await mutating(webhook('none', () => ({})));
  await client.delete(MUTATING_WEBHOOK_CONFIGURATIONS, { namespace: '', name: made.metadata.name ?? '' });
  await client.deleteCollection(VALIDATING_WEBHOOK_CONFIGURATIONS, {});
  assert.deepEqual(calls, []);
});

test('A namespace is selected by the labels it is to have, and named in the request', async () => {
  const seen: admission.AdmissionRequest[] = [];
  await validating(
    webhook(
      'spaces',
      (request) => {
        seen.push(request);
        return { allowed: false };
      },
      { rules: [{ ...CONFIG_MAP_RULE, resources: ['namespaces'] }], namespaceSelector: { matchLabels: { guarded: 'yes' } } },
    ),
  );
  await client.create(NAMESPACES, { metadata: { name: 'free' } });
  await refusalOf(client.create(NAMESPACES, { metadata: { name: 'kept', labels: { guarded: 'yes' } } }));
  await refusalOf(
    client.patch(NAMESPACES, { namespace: '', name: 'free' }, { type: 'merge', body: { metadata: { labels: { guarded: 'yes' } } } }),
  );
  assert.deepEqual(
    seen.map(({ name, namespace, operation }) => [name, namespace, operation]),
    [
      ['kept', 'kept', 'CREATE'],
      ['free', 'free', 'UPDATE'],
    ],
  );
});

/** What a webhook for everything is asked while `act` runs. It refuses what `refuses` says. */
async function asked(
  resources: string[],
  act: () => Promise<unknown>,
  more: { refuses?: (request: admission.AdmissionRequest) => boolean; groups?: string[] } = {},
): Promise<admission.AdmissionRequest[]> {
  const requests: admission.AdmissionRequest[] = [];
  const rules = [{ operations: ['*'], apiGroups: more.groups ?? ['', 'apps', 'policy'], apiVersions: ['*'], resources }];
  const note: Say = (request) => {
    requests.push(request);
    return { allowed: !more.refuses?.(request) };
  };
  await validating(webhook('everywhere', note, { rules }));
  await act();
  return requests;
}
const told = ({ operation, resource, subResource, name, kind }: admission.AdmissionRequest) =>
  `${operation} ${resource?.resource}/${subResource ?? ''} ${name} ${kind?.kind}`;

test('Admission sees the sub-resources of pods in the kinds that they exchange, and not what they do inside', async () => {
  await pod('sub');
  const name = { namespace: 'shop', name: 'sub' };
  const requests = await asked(['pods/*'], async () => {
    const binding = { metadata: { name: 'sub' }, target: { kind: 'Node', name: 'n1' } };
    await client.create(PODS, binding as KubeObject, { subresource: 'binding', name });
    await client.patch(PODS, name, { type: 'merge', body: { status: { phase: 'Running' } } }, { subresource: 'status' });
    await client.create(PODS, { metadata: { name: 'sub' } } as KubeObject, { subresource: 'eviction', name });
  });
  assert.deepEqual(requests.map(told), [
    'CREATE pods/binding sub Binding',
    'UPDATE pods/status sub Pod',
    'CREATE pods/eviction sub Eviction',
  ]);
});

test('Admission sees a scale as a Scale, and may change it', async () => {
  const template = { metadata: { labels: { app: 'scaled' } }, spec: { containers: [{ name: 'main', image: 'web' }] } };
  const selector = { matchLabels: { app: 'scaled' } };
  const name = { namespace: 'shop', name: 'scaled' };
  await client.create<Deployment>(DEPLOYMENTS, { metadata: name, spec: { replicas: 1, selector, template } });
  const seen: admission.AdmissionRequest[] = [];
  const rules = [{ operations: ['UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments/scale'] }];
  const cap: Say = (request) => {
    seen.push(request);
    return patch({ op: 'replace', path: '/spec/replicas', value: 3 });
  };
  await mutating(webhook('cap', cap, { rules }));
  await client.patch(DEPLOYMENTS, name, { type: 'merge', body: { spec: { replicas: 10 } } }, { subresource: 'scale' });
  assert.equal((await client.get(DEPLOYMENTS, name)).spec?.replicas, 3);
  assert.deepEqual(seen.map(told), ['UPDATE deployments/scale scaled Scale']);
  assert.deepEqual(
    [seen[0]?.oldObject, seen[0]?.object].map((scale) => (scale as { spec?: object } | undefined)?.spec),
    [{ replicas: 1 }, { replicas: 10 }],
  );
});

test('Admission sees a token request and a review', async () => {
  const requests = await asked(
    ['serviceaccounts/token', 'tokenreviews'],
    async () => {
      const name = { namespace: 'shop', name: 'default' };
      await client.create(SERVICE_ACCOUNTS, { metadata: {}, spec: { audiences: ['a'] } } as KubeObject, { subresource: 'token', name });
      await client.create(TOKEN_REVIEWS, { metadata: {}, spec: { token: 'x' } });
    },
    { groups: ['', 'authentication.k8s.io'] },
  );
  assert.deepEqual(requests.map(told), ['CREATE serviceaccounts/token default TokenRequest', 'CREATE tokenreviews/ undefined TokenReview']);
});

test('Deleting a collection asks for each object, and names none as its client does not', async () => {
  await cluster.namespace('many');
  for (const name of ['a', 'b']) await client.create<ConfigMap>(CONFIG_MAPS, { metadata: { name, namespace: 'many' } });
  const named = ({ oldObject }: admission.AdmissionRequest): string => (oldObject as ConfigMap | undefined)?.metadata.name ?? '';
  const refuses = (request: admission.AdmissionRequest): boolean => named(request) === 'b';
  const requests = await asked(['configmaps'], () => refusalOf(client.deleteCollection(CONFIG_MAPS, { namespace: 'many' })), { refuses });
  assert.deepEqual(requests.map((request) => `${told(request)} ${named(request)}`).sort(), [
    'DELETE configmaps/ undefined ConfigMap a',
    'DELETE configmaps/ undefined ConfigMap b',
  ]);
  assert.deepEqual(
    (await client.list(CONFIG_MAPS, { namespace: 'many' })).items.map(({ metadata }) => metadata.name),
    ['b'],
  );
});

/** A GET of the API over HTTP, as the administrator. */
async function get(path: string): Promise<{ code: number; message: string }> {
  const { url, ca } = cluster.server;
  const [response] = (await once(httpsGet(url + path, { ca, headers: { authorization: 'Bearer admin' } }), 'response')) as [
    IncomingMessage,
  ];
  const status = JSON.parse(await text(response)) as Status;
  return { code: response.statusCode ?? 0, message: status.message ?? '' };
}

test('Admission sees a connection with its options', async () => {
  await pod('connected');
  const requests = await asked(
    ['pods/attach', 'pods/proxy'],
    async () => {
      const { code, message } = await get('/api/v1/namespaces/shop/pods/connected/attach?container=main&stdin=true&tty=false');
      assert.deepEqual([code, message], [400, 'admission webhook "everywhere.example.com" denied the request without explanation']);
      await get('/api/v1/namespaces/shop/pods/connected:80/proxy/some/path');
    },
    { refuses: () => true },
  );
  assert.deepEqual(requests.map(told), [
    'CONNECT pods/attach connected PodAttachOptions',
    'CONNECT pods/proxy connected:80 PodProxyOptions',
  ]);
  assert.deepEqual(
    requests.map(({ object }) => object),
    [
      { kind: 'PodAttachOptions', apiVersion: 'v1', stdin: true, tty: false, container: 'main' },
      { kind: 'PodProxyOptions', apiVersion: 'v1', path: '/some/path' },
    ],
  );
});

test('Match conditions decide whether a webhook is asked, and may be updated', async () => {
  const names: (string | undefined)[] = [];
  const note: Say = ({ name }) => {
    names.push(name);
    return {};
  };
  const unless = (name: string) => ({ matchConditions: [{ name: 'skip', expression: `object.metadata.name != '${name}'` }] });
  const create = (name: string) => client.create<ConfigMap>(CONFIG_MAPS, { metadata: { name, namespace: 'shop' } });
  const made = await mutating(webhook('skip', note, unless('skip-me')));
  await create('skip-me');
  await create('not-me');
  assert.deepEqual(names, ['not-me']);
  await client.update(MUTATING_WEBHOOK_CONFIGURATIONS, { ...made, webhooks: [webhook('skip', note, unless('skip-two'))] });
  await create('skip-two');
  await create('skip-one');
  assert.deepEqual(names, ['not-me', 'skip-one']);
});

test('Match conditions see the request, the old object and the authorizer', async () => {
  let asked = 0;
  const count: Say = () => {
    asked++;
    return {};
  };
  const matchConditions = [
    { name: 'operation', expression: "request.operation == 'UPDATE' && oldObject.data.a != object.data.a" },
    { name: 'user', expression: "request.userInfo.username == 'admin'" },
    { name: 'allowed', expression: "authorizer.requestResource.check('update').allowed()" },
  ];
  await validating(webhook('seen', count, { matchConditions }));
  const { metadata } = await client.create<ConfigMap>(CONFIG_MAPS, {
    metadata: { name: 'seen-twice', namespace: 'shop' },
    data: { a: '1' },
  });
  const name = { namespace: 'shop', name: metadata.name ?? '' };
  await client.patch(CONFIG_MAPS, name, { type: 'merge', body: { data: { b: '1' } } });
  await client.patch(CONFIG_MAPS, name, { type: 'merge', body: { data: { a: '2' } } });
  assert.equal(asked, 1);
});

test('Match conditions that fail refuse the request, or pass the webhook over, by its failure policy', async () => {
  const matchConditions = [{ name: 'fails', expression: "object.data['missing'] == 'x'" }];
  const made = await validating(webhook('fails', () => ({ allowed: false }), { matchConditions }));
  const { code, message } = await refusalOf(client.create(CONFIG_MAPS, { metadata: { name: 'failing', namespace: 'shop' } }));
  assert.equal(code, 403);
  assert.match(message, /^configmaps "failing" is forbidden: .*no such key: data/);
  const open = webhook('fails', () => ({ allowed: false }), { matchConditions, failurePolicy: 'Ignore' });
  await client.update(VALIDATING_WEBHOOK_CONFIGURATIONS, { ...made, webhooks: [open] });
  await configMap();
});

test('Configurations are refused for match conditions that do not compile, and for what else is wrong', async () => {
  const bad = { matchConditions: [{ name: 'bad', expression: '... [] bad expression' }] };
  for (const configure of [validating, mutating]) {
    const { code, message } = await refusalOf(configure(webhook('bad', () => ({}), bad)));
    assert.equal(code, 422);
    assert.match(message, /webhooks\[0\]\.matchConditions\[0\]\.expression: Invalid value: .*compilation failed/s);
  }
  const { message } = await refusalOf(validating(webhook('late', () => ({}), { timeoutSeconds: 60 })));
  assert.match(message, /webhooks\[0\]\.timeoutSeconds: Invalid value: 60: the timeout value must be between 1 and 30 seconds$/);
  assert.match(message, /^ValidatingWebhookConfiguration\.admissionregistration\.k8s\.io "c\d+" is invalid: /);
});

test('The audit log is told what webhooks have said, done, and failed to do', async () => {
  const label = { op: 'add', path: '/metadata/labels', value: { a: 'b' } };
  const made = await mutating(
    webhook('changes', () => ({ ...patch(label), auditAnnotations: { why: 'because' } })),
    webhook('absent', () => ({}), { clientConfig: { url: 'https://127.0.0.1:1/' }, failurePolicy: 'Ignore' }),
  );
  await configMap();
  const configuration = made.metadata.name;
  const said = (more: object): string => JSON.stringify({ configuration, webhook: 'changes.example.com', ...more });
  assert.deepEqual(cluster.takeAnnotations(), {
    'changes.example.com/why': 'because',
    'mutation.webhook.admission.k8s.io/round_0_index_0': said({ mutated: true }),
    'patch.webhook.admission.k8s.io/round_0_index_0': said({ patch: [label], patchType: 'JSONPatch' }),
    'failed-open.mutation.webhook.admission.k8s.io/round_0_index_1': 'absent.example.com',
    'mutation.webhook.admission.k8s.io/round_0_index_1': JSON.stringify({
      configuration,
      webhook: 'absent.example.com',
      mutated: false,
    }),
  });
});

test('A webhook acts by what its configuration says now: updated, patched, listed and deleted', async () => {
  const name = (object: KubeObject) => ({ namespace: '', name: object.metadata.name ?? '' });
  const made = await validating(webhook('deny', () => ({ allowed: false })));
  await refusalOf(configMap());
  const rules = [{ ...CONFIG_MAP_RULE, operations: ['UPDATE'] }];
  const updated = await client.update(VALIDATING_WEBHOOK_CONFIGURATIONS, {
    ...made,
    webhooks: [webhook('deny', () => ({ allowed: false }), { rules })],
  });
  assert.equal(updated.metadata.generation, 2);
  await configMap();
  const body = [{ op: 'replace', path: '/webhooks/0/rules/0/operations', value: ['CREATE'] }];
  await client.patch(VALIDATING_WEBHOOK_CONFIGURATIONS, name(made), { type: 'json', body });
  await refusalOf(configMap());
  const labels = { e2e: 'list' };
  await client.patch(VALIDATING_WEBHOOK_CONFIGURATIONS, name(made), { type: 'merge', body: { metadata: { labels } } });
  const labelSelector = 'e2e=list';
  assert.equal((await client.list(VALIDATING_WEBHOOK_CONFIGURATIONS, { labelSelector })).items.length, 1);
  await client.deleteCollection(VALIDATING_WEBHOOK_CONFIGURATIONS, { labelSelector });
  await configMap();
});

test('Discovery names the resources of webhooks', async () => {
  const { url, ca } = cluster.server;
  const [response] = (await once(
    httpsGet(`${url}/apis/admissionregistration.k8s.io/v1`, { ca, headers: { authorization: 'Bearer admin' } }),
    'response',
  )) as [IncomingMessage];
  const { resources } = JSON.parse(await text(response)) as { resources: { name: string }[] };
  const found = resources.map((resource) => resource.name);
  assert.ok(found.includes('mutatingwebhookconfigurations') && found.includes('validatingwebhookconfigurations'), String(found));
});

test('Metrics count calls, refusals and failures that were passed over', async () => {
  await validating(
    webhook('counted', ({ name }) => ({ allowed: name !== 'refused' })),
    webhook('passed', () => ({}), { clientConfig: { url: 'https://127.0.0.1:1/' }, failurePolicy: 'Ignore' }),
  );
  const create = (name: string) => client.create<ConfigMap>(CONFIG_MAPS, { metadata: { name, namespace: 'shop' } });
  await create('taken');
  await refusalOf(create('refused'));
  const { url, ca } = cluster.server;
  const headers = { authorization: 'Bearer admin' };
  const [response] = (await once(httpsGet(`${url}/metrics`, { ca, headers }), 'response')) as [IncomingMessage];
  const lines = (await text(response))
    .split('\n')
    .filter((line) => /name="(counted|passed)\.example\.com"/.test(line) && !/_bucket|_sum/.test(line));
  const about = (name: string, rejected: boolean): string =>
    `name="${name}.example.com",operation="CREATE",rejected="${rejected}",type="validating"`;
  const prefix = 'apiserver_admission_webhook';
  assert.deepEqual(lines.sort(), [
    `${prefix}_admission_duration_seconds_count{${about('counted', false)}} 1`,
    `${prefix}_admission_duration_seconds_count{${about('counted', true)}} 1`,
    `${prefix}_admission_duration_seconds_count{${about('passed', false)}} 2`,
    `${prefix}_fail_open_count{name="passed.example.com",type="validating"} 2`,
    `${prefix}_rejection_count{error_type="no_error",name="counted.example.com",operation="CREATE",rejection_code="400",type="validating"} 1`,
    `${prefix}_request_total{code="200",${about('counted', false)}} 1`,
    `${prefix}_request_total{code="400",${about('counted', true)}} 1`,
    `${prefix}_request_total{code="503",${about('passed', false)}} 2`,
  ]);
});

test('A generated name is known to validating webhooks and not to mutating ones', async () => {
  const seen: (string | undefined)[] = [];
  const note: Say = ({ name }) => {
    seen.push(name);
    return {};
  };
  await mutating(webhook('before', note));
  await validating(webhook('after', note));
  const made = await client.create<ConfigMap>(CONFIG_MAPS, { metadata: { generateName: 'gen-', namespace: 'shop' } });
  assert.deepEqual(seen, [undefined, made.metadata.name]);
});

test('A rule about another version of a resource is given the object in that version, and may patch it', async () => {
  const autoscalers = {
    group: 'autoscaling',
    version: 'v2',
    resource: 'horizontalpodautoscalers',
    namespaced: true,
    kind: 'HorizontalPodAutoscaler',
  };
  const rules = [{ operations: ['CREATE'], apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['horizontalpodautoscalers'] }];
  const seen: admission.AdmissionRequest[] = [];
  const cap: Say = (request) => {
    seen.push(request);
    return patch({ op: 'replace', path: '/spec/maxReplicas', value: 3 });
  };
  await mutating(webhook('cap', cap, { rules }));
  const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 10 };
  const made = await client.create(autoscalers, { metadata: { name: 'web', namespace: 'shop' }, spec } as KubeObject);
  assert.equal((made as { spec?: { maxReplicas?: number } }).spec?.maxReplicas, 3);
  assert.equal(made.apiVersion, 'autoscaling/v2');
  const [request] = seen;
  assert.equal(request?.kind?.version, 'v1');
  assert.equal(request?.requestKind?.version, 'v2');
  assert.equal((request?.object as unknown as KubeObject | undefined)?.apiVersion, 'autoscaling/v1');
});
