// Admission webhooks about custom resources and their definitions: what the conformance tests of AdmissionWebhook do with them.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import type * as admission from '../../src/api/types/admission-v1.gen.ts';
import type { CustomResourceDefinition } from '../../src/api/types/apiextensions-v1.gen.ts';
import type { TypedResource } from '../../src/client/client.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/client/resources.ts';
import { customResourceDefinitionController } from '../../src/server/controllers/custom-resource-definition.ts';
import { refusalOf } from '../support/admitted-server.ts';
import { definitionOf } from '../support/custom-world.ts';
import { patch, type Say, startWebhookWorld } from '../support/webhook-world.ts';

interface Widget extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

const GROUP = 'hooks.example.com';
const widgets = (version: string): TypedResource<Widget> => ({
  group: GROUP,
  version,
  resource: 'widgets',
  namespaced: true,
  kind: 'Widget',
});
const RULE = { operations: ['*'], apiGroups: [GROUP], apiVersions: ['*'], resources: ['widgets'] };
const SCHEMA = {
  type: 'object',
  properties: {
    data: {
      type: 'object',
      properties: { start: { type: 'string' }, stage1: { type: 'string' }, filled: { type: 'string', default: 'yes' } },
    },
  },
};

const world = await startWebhookWorld({ controllers: { definitions: customResourceDefinitionController } });
const { cluster, webhook, validating, mutating } = world;
const { client } = cluster;

before(async () => {
  const definition = definitionOf(GROUP, { schema: SCHEMA }) as CustomResourceDefinition;
  const [v1] = definition.spec.versions;
  if (v1) definition.spec.versions.push({ ...v1, name: 'v2', storage: false });
  await client.create(CUSTOM_RESOURCE_DEFINITIONS, definition);
  await cluster.eventually(
    CUSTOM_RESOURCE_DEFINITIONS,
    { namespace: '', name: `widgets.${GROUP}` },
    ({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Established' && is === 'True') ?? false,
  );
});
afterEach(() => world.reset());
after(() => world.stop());

const make = (name: string, version = 'v1', data: Record<string, string> = { start: 'yes' }): Promise<Widget> =>
  client.create<Widget>(widgets(version), {
    kind: 'Widget',
    apiVersion: `${GROUP}/${version}`,
    metadata: { name, namespace: 'shop' },
    data,
  });

test('A webhook denies custom resources to be created, updated and deleted', async () => {
  const name = { namespace: 'shop', name: 'kept' };
  const kept = await make('kept');
  const operations: (string | undefined)[] = [];
  const deny: Say = ({ operation }) => {
    operations.push(operation);
    return { allowed: false, status: { metadata: {}, message: 'unwanted' } };
  };
  await validating(webhook('deny', deny, { rules: [RULE] }));
  const message = 'admission webhook "deny.example.com" denied the request: unwanted';
  for (const write of [
    () => make('new'),
    () => client.update(widgets('v1'), { ...kept, data: { start: 'no' } }),
    () => client.patch(widgets('v1'), name, { type: 'merge', body: { data: { start: 'no' } } }),
    () => client.delete(widgets('v1'), name),
  ]) {
    assert.deepEqual(await refusalOf(write()), { code: 400, message });
  }
  assert.deepEqual(operations.sort(), ['CREATE', 'DELETE', 'UPDATE', 'UPDATE']);
  assert.deepEqual((await client.get(widgets('v1'), name)).data?.['start'], 'yes');
});

test('Webhooks change custom resources, which are pruned and defaulted after', async () => {
  await mutating(
    webhook('stage1', () => patch({ op: 'add', path: '/data/stage1', value: 'yes' }, { op: 'remove', path: '/data/filled' }), {
      rules: [RULE],
    }),
    webhook('stage2', () => patch({ op: 'add', path: '/data/stage2', value: 'unknown to the schema' }), { rules: [RULE] }),
  );
  assert.deepEqual((await make('changed')).data, { start: 'yes', stage1: 'yes', filled: 'yes' });
});

test('A webhook for another version is asked in that version, whichever is stored', async () => {
  const seen: admission.AdmissionRequest[] = [];
  const note: Say = (request) => {
    seen.push(request);
    return patch({ op: 'add', path: '/data/stage1', value: request.kind?.version ?? '' });
  };
  await mutating(webhook('v2', note, { rules: [{ ...RULE, apiVersions: ['v2'] }] }));
  const made = await make('by-v1');
  assert.equal(made.apiVersion, `${GROUP}/v1`);
  assert.equal(made.data?.['stage1'], 'v2');
  await make('by-v2', 'v2');
  assert.deepEqual(
    seen.map(({ kind, requestKind, object }) => [kind?.version, requestKind?.version, (object as unknown as Widget).apiVersion]),
    [
      ['v2', 'v1', `${GROUP}/v2`],
      ['v2', 'v2', `${GROUP}/v2`],
    ],
  );
  await world.reset();
  await mutating(webhook('exact', note, { rules: [{ ...RULE, apiVersions: ['v2'] }], matchPolicy: 'Exact' }));
  assert.equal((await make('exact')).data?.['stage1'], undefined);
});

test('A webhook denies definitions', async () => {
  const rules = [
    { operations: ['CREATE'], apiGroups: ['apiextensions.k8s.io'], apiVersions: ['*'], resources: ['customresourcedefinitions'] },
  ];
  await validating(webhook('definitions', () => ({ allowed: false }), { rules }));
  const definition = definitionOf('refused.example.com') as CustomResourceDefinition;
  assert.deepEqual(await refusalOf(client.create(CUSTOM_RESOURCE_DEFINITIONS, definition)), {
    code: 400,
    message: 'admission webhook "definitions.example.com" denied the request without explanation',
  });
});
