// The conformance suite's tests of API operations, step by step over real TLS: flow control, admission policies, Events, Namespaces,
// definitions. What these objects do is tested elsewhere.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type CustomWorld, definitionOf, type Json, startCustomWorld } from '../support/custom-world.ts';

let world: CustomWorld;
before(async () => {
  world = await startCustomWorld();
  await world.done('POST', '/api/v1/namespaces', { metadata: { name: 'e2e', labels: { of: 'e2e' } } });
});
after(() => world.stop());

const MERGE = { type: 'application/merge-patch+json' };
const STRATEGIC = { type: 'application/strategic-merge-patch+json' };
const namesIn = async (path: string): Promise<string[]> => (await world.done('GET', path)).items.map(({ metadata }: Json) => metadata.name);

/** A kind that is put through all operations, and members of its spec to change by patch and by update. */
interface Operated {
  readonly group: string;
  readonly plural: string;
  readonly spec: object;
  readonly patch: object;
  readonly update: object;
  readonly hasStatus: boolean;
}

const DEPLOYMENTS = { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }] };
const LIMIT_RESPONSE = { limitResponse: { type: 'Reject' } };
const ADMISSION = 'admissionregistration.k8s.io';
const FLOW_CONTROL = 'flowcontrol.apiserver.k8s.io';
const OPERATED: readonly Operated[] = [
  {
    group: FLOW_CONTROL,
    plural: 'flowschemas',
    spec: {
      matchingPrecedence: 10000,
      priorityLevelConfiguration: { name: 'global-default' },
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'example-e2e-non-existent-user' } }],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        },
      ],
    },
    patch: { matchingPrecedence: 9999 },
    update: { matchingPrecedence: 9000 },
    hasStatus: true,
  },
  {
    group: FLOW_CONTROL,
    plural: 'prioritylevelconfigurations',
    spec: { type: 'Limited', limited: { nominalConcurrencyShares: 2, lendablePercent: 0, ...LIMIT_RESPONSE } },
    patch: { limited: { nominalConcurrencyShares: 4, lendablePercent: 0, ...LIMIT_RESPONSE } },
    update: { limited: { nominalConcurrencyShares: 6, lendablePercent: 0, ...LIMIT_RESPONSE } },
    hasStatus: true,
  },
  {
    group: ADMISSION,
    plural: 'validatingadmissionpolicies',
    spec: { validations: [{ expression: 'object.spec.replicas <= 100' }], matchConstraints: DEPLOYMENTS },
    patch: { failurePolicy: 'Ignore' },
    update: { failurePolicy: 'Fail' },
    hasStatus: true,
  },
  {
    group: ADMISSION,
    plural: 'validatingadmissionpolicybindings',
    spec: { policyName: 'replicalimit-policy.example.com', validationActions: ['Deny'] },
    patch: { validationActions: ['Warn'] },
    update: { validationActions: ['Deny'] },
    hasStatus: false,
  },
  {
    group: ADMISSION,
    plural: 'mutatingadmissionpolicies',
    spec: {
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{spec: Object.spec{replicas: 1}}' } }],
      matchConstraints: DEPLOYMENTS,
      reinvocationPolicy: 'Never',
    },
    patch: { failurePolicy: 'Ignore' },
    update: { failurePolicy: 'Fail' },
    hasStatus: false,
  },
  {
    group: ADMISSION,
    plural: 'mutatingadmissionpolicybindings',
    spec: { policyName: 'replicalimit-policy.example.com' },
    patch: { policyName: 'other-policy.example.com' },
    update: { policyName: 'another-policy.example.com' },
    hasStatus: false,
  },
];

/** Discovery names a kind on its three levels. */
async function assertDiscovered({ group, plural, hasStatus }: Operated): Promise<void> {
  const { groups } = await world.done('GET', '/apis');
  for (const { versions } of [groups.find(({ name }: Json) => name === group), await world.done('GET', `/apis/${group}`)])
    assert.ok(versions.some(({ version }: Json) => version === 'v1'));
  const { resources } = await world.done('GET', `/apis/${group}/v1`);
  const names = resources.map(({ name }: Json) => name);
  assert.deepEqual([names.includes(plural), names.includes(`${plural}/status`)], [true, hasStatus]);
}

/** Updates what is there now, again when somebody else was first. */
async function update(path: string, change: (read: Json) => Json): Promise<Json> {
  for (let i = 0; i < 5; i++) {
    const { code, body } = await world.call('PUT', path, change(await world.done('GET', path)));
    if (code === 200) return body;
    assert.equal(code, 409, JSON.stringify(body));
  }
  assert.fail(`${path} changes all the time`);
}

const addCondition = (path: string, condition: object): Promise<Json> =>
  update(path, (read) => ({ ...read, status: { ...read.status, conditions: [...read.status.conditions, condition] } }));

describe('[sig-api-machinery] API operations', { concurrency: true }, () => {
  for (const kind of OPERATED) {
    it(`are supported for ${kind.plural}: discovery, create, get, list, watch, patch, update, delete, deletecollection`, async () => {
      const path = `/apis/${kind.group}/v1/${kind.plural}`;
      const selected = `${path}?labelSelector=of%3De2e`;
      await assertDiscovered(kind);
      const create = () => world.done('POST', path, { metadata: { generateName: 'e2e-', labels: { of: 'e2e' } }, spec: kind.spec });
      const [created] = [await create(), await create(), await create()];
      const own = `${path}/${created.metadata.name}`;
      assert.equal((await world.done('GET', own)).metadata.uid, created.metadata.uid);
      const listed = await world.done('GET', selected);
      assert.equal(listed.items.length, 3);

      const patched = await world.done('PATCH', own, { metadata: { annotations: { patched: 'true' } }, spec: kind.patch }, MERGE);
      assert.deepEqual([patched.metadata.annotations, patched.spec], [{ patched: 'true' }, { ...created.spec, ...kind.patch }]);
      assert.ok(BigInt(patched.metadata.resourceVersion) > BigInt(created.metadata.resourceVersion));
      const spec = { ...patched.spec, ...kind.update };
      const annotations = { patched: 'true', updated: 'true' };
      const updated = await update(own, (read) => ({ ...read, metadata: { ...read.metadata, annotations }, spec }));
      assert.deepEqual([updated.metadata.annotations.updated, updated.spec], ['true', spec]);
      const since = `&timeoutSeconds=1&resourceVersion=${listed.metadata.resourceVersion}`;
      const events: Json[] = [await world.done('GET', `${selected}&watch=true${since}`)].flat();
      assert.deepEqual(
        events.filter(({ type }) => type !== 'MODIFIED'),
        [],
      );
      assert.ok(events.some(({ object }) => object.metadata.annotations?.patched === 'true'));

      await world.done('DELETE', own);
      assert.equal((await world.call('GET', own)).code, 404);
      assert.equal((await namesIn(selected)).length, 2);
      await world.done('DELETE', selected);
      assert.deepEqual(await namesIn(selected), []);
    });
  }

  for (const { group, plural, spec } of OPERATED.filter(({ hasStatus }) => hasStatus)) {
    it(`are supported for the status of ${plural}: get, patch, update`, async () => {
      const path = `/apis/${group}/v1/${plural}`;
      const created = await world.done('POST', path, { metadata: { name: 'e2e-status' }, spec });
      const status = `${path}/e2e-status/status`;
      const read = await world.done('GET', status);
      assert.deepEqual([read.kind, read.metadata.uid], [created.kind, created.metadata.uid]);
      const condition = {
        type: 'PatchStatusFailed',
        status: 'False',
        reason: 'e2e',
        message: 'Set from an e2e test',
        lastTransitionTime: '2024-01-01T00:00:00Z',
      };
      const patched = await world.done('PATCH', status, { status: { conditions: [condition] } }, MERGE);
      assert.deepEqual(patched.status.conditions, [condition]);
      const updated = await addCondition(status, { ...condition, type: 'StatusUpdateFailed', reason: 'E2E' });
      // The server keeps a condition of its own at flow schemas.
      const types = updated.status.conditions.map(({ type }: Json) => type).filter((type: string) => type !== 'Dangling');
      assert.deepEqual(types, ['PatchStatusFailed', 'StatusUpdateFailed']);
      assert.deepEqual(updated.spec, created.spec);
      await world.done('DELETE', `${path}/e2e-status`);
    });
  }
});

describe('[sig-instrumentation] Events', () => {
  const someTime = '2017-09-19T13:49:16.000000Z';
  const series = (count: number) => ({ count, lastObservedTime: someTime });
  const CORE = '/api/v1/namespaces/e2e/events';
  const core = (name: string) => ({
    metadata: { name, labels: { of: 'e2e' } },
    message: `This is ${name}`,
    reason: 'Test',
    type: 'Normal',
    count: 1,
    involvedObject: { namespace: 'e2e' },
  });
  const NEW = '/apis/events.k8s.io/v1/namespaces/e2e/events';
  const event = (name: string) => ({
    metadata: { name, labels: { of: 'e2e' } },
    regarding: { namespace: 'e2e' },
    eventTime: someTime,
    note: `This is ${name}`,
    action: 'Do',
    reason: 'Test',
    type: 'Normal',
    reportingController: 'test-controller',
    reportingInstance: 'test-node',
  });

  it('manage the lifecycle of an event', async () => {
    const own = `${CORE}/event-test`;
    await world.done('POST', CORE, core('event-test'));
    assert.deepEqual(await namesIn('/api/v1/events?labelSelector=of%3De2e'), ['event-test']);
    await world.done('PATCH', own, { message: 'patched' }, STRATEGIC);
    const patched = await world.done('GET', own);
    assert.equal(patched.message, 'patched');
    await world.done('PUT', own, { ...patched, series: series(100) });
    assert.deepEqual((await world.done('GET', own)).series, series(100));
    await world.done('DELETE', own);
    assert.deepEqual(await namesIn('/api/v1/events?labelSelector=of%3De2e'), []);
  });

  it('API ensures that an event can be fetched, patched, deleted, and listed', async () => {
    const own = `${NEW}/event-test`;
    await world.done('POST', NEW, event('event-test'));
    for (const list of [
      '/apis/events.k8s.io/v1/events?labelSelector=of%3De2e',
      `${NEW}?labelSelector=of%3De2e`,
      `${CORE}?fieldSelector=source%3Dtest-controller`,
      `${NEW}?fieldSelector=reportingController%3Dtest-controller`,
    ])
      assert.deepEqual(await namesIn(list), ['event-test'], list);
    const first = await world.done('GET', own);
    const bare = ({ metadata: { resourceVersion: _, managedFields: __, ...metadata }, ...rest }: Json): Json => ({ ...rest, metadata });
    await world.done('PATCH', own, { series: series(2) }, STRATEGIC);
    const patched = await world.done('GET', own);
    assert.deepEqual(bare(patched), { ...bare(first), series: series(2) });
    await world.done('PUT', own, { ...patched, series: series(100) });
    assert.deepEqual(bare(await world.done('GET', own)), { ...bare(first), series: series(100) });
    await world.done('DELETE', own);
    assert.deepEqual(await namesIn(`${NEW}?labelSelector=of%3De2e`), []);
  });

  for (const [title, path, make] of [
    ['delete', CORE, core],
    ['API deletes', NEW, event],
  ] as const)
    it(`${title} a collection of events`, async () => {
      const names = ['test-event-1', 'test-event-2', 'test-event-3'];
      for (const name of names) await world.done('POST', path, make(name));
      assert.deepEqual(await namesIn(`${path}?labelSelector=of%3De2e`), names);
      await world.done('DELETE', `${path}?labelSelector=of%3De2e`);
      assert.deepEqual(await namesIn(`${path}?labelSelector=of%3De2e`), []);
    });
});

describe('[sig-api-machinery] Namespaces', () => {
  it('are patched and updated', async () => {
    const path = '/api/v1/namespaces/e2e';
    const patched = await world.done('PATCH', path, { metadata: { labels: { testLabel: 'testValue' } } }, STRATEGIC);
    assert.equal(patched.metadata.labels.testLabel, 'testValue');
    const labels = { ...patched.metadata.labels, e2e: 'updated' };
    const updated = await world.done('PUT', path, { ...patched, metadata: { ...patched.metadata, labels } });
    assert.deepEqual(updated.metadata.labels, { of: 'e2e', testLabel: 'testValue', 'kubernetes.io/metadata.name': 'e2e', e2e: 'updated' });
  });

  it('apply changes to their status, with annotations', async () => {
    const path = '/api/v1/namespaces/e2e/status';
    assert.equal((await world.done('GET', path)).status.phase, 'Active');
    const condition = { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'Patched by an e2e test' };
    const annotations = { 'e2e-patched-ns-status': 'e2e' };
    const patched = await world.done('PATCH', path, { metadata: { annotations }, status: { conditions: [condition] } }, MERGE);
    assert.deepEqual(patched.metadata.annotations, annotations);
    assert.deepEqual([patched.status.conditions.at(-1).reason, patched.status.conditions.at(-1).message], ['E2E', condition.message]);
    const updated = await addCondition(path, { ...condition, type: 'StatusUpdate' });
    assert.equal(updated.status.conditions.at(-1).type, 'StatusUpdate');
  });

  it('get and lose a finalizer by their sub-resource only', async () => {
    const path = '/api/v1/namespaces/finalized';
    const namespace = await world.done('POST', '/api/v1/namespaces', { metadata: { name: 'finalized' } });
    const finalizers = [...namespace.spec.finalizers, 'e2e.example.com/fakeFinalizer'];
    assert.deepEqual((await world.done('PUT', path, { ...namespace, spec: { finalizers } })).spec.finalizers, ['kubernetes']);
    const added = await world.done('PUT', `${path}/finalize`, { ...(await world.done('GET', path)), spec: { finalizers } });
    assert.deepEqual(added.spec.finalizers, finalizers);
    const removed = await world.done('PUT', `${path}/finalize`, { ...added, spec: { finalizers: ['kubernetes'] } });
    assert.deepEqual(removed.spec.finalizers, ['kubernetes']);
  });
});

describe('[sig-api-machinery] CustomResourceDefinition resources', () => {
  const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

  it('get, update and patch the status sub-resource, with conditions as they are given', async () => {
    const group = 'status.conformance.example.com';
    await world.define(definitionOf(group));
    const path = `${DEFINITIONS}/widgets.${group}/status`;
    const { spec } = await world.done('GET', path);
    const updated = await addCondition(path, { message: 'updated', status: '', type: '' });
    assert.deepEqual(updated.spec, spec);
    assert.equal(updated.status.conditions.at(-1).message, 'updated');
    const json = { type: 'application/json-patch+json' };
    const patched = await world.done('PATCH', path, [{ op: 'add', path: '/status/conditions', value: [{ message: 'patched' }] }], json);
    assert.deepEqual(
      patched.status.conditions.map(({ message }: Json) => message),
      ['patched'],
    );
  });

  it('are listed by label and deleted as a collection', async () => {
    const groups = ['a', 'b', 'c'].map((name) => `${name}.collection.example.com`);
    for (const group of groups) {
      await world.define(definitionOf(group));
      await world.done('PATCH', `${DEFINITIONS}/widgets.${group}`, { metadata: { labels: { of: 'collection' } } }, MERGE);
    }
    const selected = `${DEFINITIONS}?labelSelector=of%3Dcollection`;
    assert.deepEqual(
      await namesIn(selected),
      groups.map((group) => `widgets.${group}`),
    );
    await world.done('DELETE', selected);
    await world.eventually(selected, ({ body }) => body.items.length === 0);
  });
});

describe('[sig-api-machinery] Aggregator', () => {
  const path = '/apis/apiregistration.k8s.io/v1/apiservices';
  const own = `${path}/v1alpha1.wardle.example.com`;
  const selected = `${path}?labelSelector=of%3De2e`;

  it('has APIServices that are patched, updated, listed and deleted as a collection, and their status', async () => {
    const spec = { group: 'wardle.example.com', version: 'v1alpha1', groupPriorityMinimum: 2000, versionPriority: 200 };
    const service = { namespace: 'e2e', name: 'sample-api', port: 7443 };
    const metadata = { name: 'v1alpha1.wardle.example.com', labels: { of: 'e2e' } };
    await world.done('POST', path, { metadata, spec: { ...spec, service, insecureSkipTLSVerify: true } });
    assert.equal((await world.done('PATCH', own, { spec: { versionPriority: 400 } }, MERGE)).spec.versionPriority, 400);
    const updated = await update(own, (read) => ({ ...read, metadata: { ...read.metadata, annotations: { updated: 'true' } } }));
    assert.equal(updated.metadata.annotations.updated, 'true');

    const condition = { type: 'StatusUpdated', status: 'True', reason: 'E2E', message: 'Set by e2e test' };
    const withCondition = await update(`${own}/status`, (read) => ({
      ...read,
      status: { conditions: [...(read.status.conditions ?? []), condition] },
    }));
    const found = withCondition.status.conditions.find(({ type }: Json) => type === 'StatusUpdated');
    assert.equal(found.message, 'Set by e2e test');
    const patch = { status: { conditions: [{ ...condition, type: 'StatusPatched' }] } };
    const patched = await world.done('PATCH', `${own}/status`, patch, MERGE);
    assert.ok(patched.status.conditions.some(({ type }: Json) => type === 'StatusPatched'));
    assert.equal((await world.done('GET', `${own}/status`)).spec.versionPriority, 400);

    assert.deepEqual(await namesIn(selected), ['v1alpha1.wardle.example.com']);
    await world.done('DELETE', selected);
    assert.deepEqual(await namesIn(selected), []);
  });
});
