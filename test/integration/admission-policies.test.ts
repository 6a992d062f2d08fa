// Admission policies on the API server: what the conformance tests of ValidatingAdmissionPolicy and MutatingAdmissionPolicy do, and what they leave out.

import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import type { KubeObject } from '../../src/api/object.ts';
import type * as policies from '../../src/api/types/admissionregistration-v1.gen.ts';
import type { CustomResourceDefinition } from '../../src/api/types/apiextensions-v1.gen.ts';
import type { Deployment } from '../../src/api/types/apps-v1.gen.ts';
import type { ConfigMap } from '../../src/api/types/core-v1.gen.ts';
import type { TypedResource } from '../../src/client/client.ts';
import {
  CONFIG_MAPS,
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  MUTATING_ADMISSION_POLICIES,
  MUTATING_ADMISSION_POLICY_BINDINGS,
  NAMESPACES,
  VALIDATING_ADMISSION_POLICIES,
  VALIDATING_ADMISSION_POLICY_BINDINGS,
} from '../../src/client/resources.ts';
import type { Authorizer } from '../../src/server/auth/auth.ts';
import { customResourceDefinitionController } from '../../src/server/controllers/custom-resource-definition.ts';
import { validatingAdmissionPolicyStatusController } from '../../src/server/controllers/validating-admission-policy-status.ts';
import { refusalOf, startAdmittedServer } from '../support/admitted-server.ts';

/** What expressions ask the authorizer: administrators may do everything, others nothing. */
const authorizer: Authorizer = {
  authorize: ({ user }) => ({ decision: user.groups.includes('system:masters') ? 'allow' : 'none', reason: '' }),
};
const cluster = await startAdmittedServer({ admission: { authorizer } });
const { client } = cluster;
await cluster.namespace('shop', { team: 'shop' });
await cluster.namespace('other');

after(() => cluster.stop());

const KINDS: readonly TypedResource<KubeObject>[] = [
  VALIDATING_ADMISSION_POLICY_BINDINGS,
  VALIDATING_ADMISSION_POLICIES,
  MUTATING_ADMISSION_POLICY_BINDINGS,
  MUTATING_ADMISSION_POLICIES,
];
afterEach(async () => {
  for (const kind of KINDS) {
    for (const { metadata } of (await client.list(kind)).items) await client.delete(kind, { namespace: '', name: metadata.name ?? '' });
  }
  cluster.takeWarnings();
});

const DEPLOYMENT_RULES = [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] }];
const CONFIG_RULES = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }];
const WITH_DELETE = CONFIG_RULES.map((rule) => ({ ...rule, operations: [...rule.operations, 'DELETE'] }));
const ONLY_SHOP = { namespaceSelector: { matchLabels: { team: 'shop' } } };

const validating = (name: string, spec: policies.ValidatingAdmissionPolicySpec): Promise<unknown> =>
  client.create(VALIDATING_ADMISSION_POLICIES, { metadata: { name }, spec });
const bind = (name: string, spec: Partial<policies.ValidatingAdmissionPolicyBindingSpec> = {}): Promise<unknown> =>
  client.create(VALIDATING_ADMISSION_POLICY_BINDINGS, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'], ...spec },
  });
const mutating = async (name: string, spec: policies.MutatingAdmissionPolicySpec): Promise<void> => {
  await client.create(MUTATING_ADMISSION_POLICIES, { metadata: { name }, spec: { reinvocationPolicy: 'Never', ...spec } });
  await client.create(MUTATING_ADMISSION_POLICY_BINDINGS, { metadata: { name }, spec: { policyName: name } });
};

const configMap = (name: string, data: Record<string, string> = {}, namespace = 'shop'): ConfigMap & KubeObject => ({
  metadata: { name, namespace },
  data,
});
const deployment = (name: string, replicas: number): Deployment & KubeObject =>
  ({
    metadata: { name, namespace: 'shop', labels: { app: name } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  }) as Deployment & KubeObject;

test('ValidatingAdmissionPolicy refuses a Deployment with the text of its message expression', async () => {
  await validating('replicas', {
    matchConstraints: { resourceRules: DEPLOYMENT_RULES },
    variables: [
      { name: 'replicas', expression: 'object.spec.replicas' },
      { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' },
    ],
    validations: [
      { expression: 'variables.replicas > 1', messageExpression: "'wants replicas > 1, got ' + string(variables.replicas)" },
      { expression: 'variables.oddReplicas', reason: 'Forbidden', message: 'wants an odd number' },
    ],
  });
  await bind('replicas', { matchResources: ONLY_SHOP });
  const text = "ValidatingAdmissionPolicy 'replicas' with binding 'replicas' denied request: wants replicas > 1, got 1";
  const refused = await refusalOf(client.create(DEPLOYMENTS, deployment('one', 1)));
  assert.deepEqual([refused.code, refused.message], [422, `deployments.apps "one" is forbidden: ${text}`]);
  const even = await refusalOf(client.create(DEPLOYMENTS, deployment('two', 2)));
  assert.equal(even.code, 403);
  assert.match(even.message, /denied request: wants an odd number$/);
  await client.create(DEPLOYMENTS, deployment('three', 3));
});

test('ValidatingAdmissionPolicy counts only where a binding is, and where its selectors match', async () => {
  await validating('never', { matchConstraints: { resourceRules: CONFIG_RULES }, validations: [{ expression: 'false' }] });
  await client.create(CONFIG_MAPS, configMap('unbound'));
  await bind('never', { matchResources: { ...ONLY_SHOP, objectSelector: { matchLabels: { guarded: 'yes' } } } });
  await client.create(CONFIG_MAPS, configMap('elsewhere', {}, 'other'));
  await client.create(CONFIG_MAPS, configMap('unlabelled'));
  const labelled = { ...configMap('labelled'), metadata: { name: 'labelled', namespace: 'shop', labels: { guarded: 'yes' } } };
  const { message } = await refusalOf(client.create(CONFIG_MAPS, labelled));
  assert.match(message, /denied request: failed expression: false$/);
});

test('ValidatingAdmissionPolicy sees the old object, the request, the namespace and the authorizer', async () => {
  await validating('seen', {
    matchConstraints: { resourceRules: WITH_DELETE },
    matchConditions: [{ name: 'own', expression: "request.name == 'watched'" }],
    validations: [
      { expression: "request.operation != 'UPDATE' || oldObject.data.key <= object.data.key", message: 'goes down' },
      { expression: "request.operation == 'DELETE' ? object == null : oldObject == null || has(oldObject.data)", message: 'objects' },
      { expression: "namespaceObject.metadata.labels.team == 'shop'", message: 'namespace' },
      { expression: "request.resource.resource == 'configmaps' && request.userInfo.username == 'admin'", message: 'request' },
      { expression: "authorizer.group('').resource('secrets').namespace('shop').check('get').allowed()", message: 'authorizer' },
      { expression: "authorizer.requestResource.check('escalate').allowed()", message: 'requestResource' },
      { expression: "!authorizer.serviceAccount('shop', 'default').path('/x').check('get').allowed()", message: 'service account' },
    ],
  });
  await bind('seen');
  await client.create(CONFIG_MAPS, configMap('watched', { key: '2' }));
  const { message } = await refusalOf(client.update(CONFIG_MAPS, configMap('watched', { key: '1' })));
  assert.match(message, /: goes down$/);
  await client.update(CONFIG_MAPS, configMap('watched', { key: '3' }));
  await client.delete(CONFIG_MAPS, { namespace: 'shop', name: 'watched' });
});

test('ValidatingAdmissionPolicy takes its parameters by name and by selector', async () => {
  await validating('limits', {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    matchConstraints: { resourceRules: DEPLOYMENT_RULES },
    validations: [{ expression: 'object.spec.replicas <= int(params.data.max)', messageExpression: "'more than ' + params.data.max" }],
  });
  await client.create(CONFIG_MAPS, {
    ...configMap('limit-a', { max: '5' }, 'other'),
    metadata: { name: 'limit-a', namespace: 'other', labels: { limit: 'x' } },
  });
  await client.create(CONFIG_MAPS, {
    ...configMap('limit-b', { max: '3' }, 'other'),
    metadata: { name: 'limit-b', namespace: 'other', labels: { limit: 'x' } },
  });
  const refusal = async (): Promise<string> => (await refusalOf(client.create(DEPLOYMENTS, deployment('many', 4)))).message;
  await bind('limits', { paramRef: { name: 'absent', namespace: 'other', parameterNotFoundAction: 'Deny' } });
  assert.match(
    await refusal(),
    /denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction$/,
  );
  await client.delete(VALIDATING_ADMISSION_POLICY_BINDINGS, { namespace: '', name: 'limits' });
  await bind('limits', { paramRef: { namespace: 'other', selector: { matchLabels: { limit: 'x' } }, parameterNotFoundAction: 'Deny' } });
  assert.match(await refusal(), /denied request: more than 3$/);
  await client.delete(VALIDATING_ADMISSION_POLICY_BINDINGS, { namespace: '', name: 'limits' });
  await bind('limits', { paramRef: { namespace: 'other', name: 'limit-a', parameterNotFoundAction: 'Deny' } });
  await client.create(DEPLOYMENTS, deployment('many', 4));
});

test('ValidatingAdmissionPolicy cannot run with parameters of a kind that is not served', async () => {
  await validating('unknown', {
    paramKind: { apiVersion: 'example.com/v1', kind: 'Rules' },
    matchConstraints: { resourceRules: CONFIG_RULES },
    validations: [{ expression: 'true' }],
  });
  await bind('unknown', { paramRef: { name: 'x', parameterNotFoundAction: 'Allow' } });
  const { message } = await refusalOf(client.create(CONFIG_MAPS, configMap('x')));
  const why = "failed to configure policy: failed to find resource referenced by paramKind: 'example.com/v1, Kind=Rules'";
  assert.equal(message, `configmaps "x" is forbidden: ValidatingAdmissionPolicy 'unknown' denied request: ${why}`);
});

test('ValidatingAdmissionPolicy warns and audits where the binding says so', async () => {
  await validating('soft', {
    matchConstraints: { resourceRules: CONFIG_RULES },
    validations: [{ expression: 'false', message: 'no good' }],
    auditAnnotations: [
      { key: 'name', valueExpression: "'is ' + object.metadata.name" },
      { key: 'none', valueExpression: 'null' },
    ],
  });
  await bind('soft', { validationActions: ['Warn', 'Audit'] });
  const notes: Record<string, string> = {};
  const warnings: string[] = [];
  await cluster.server.server.backend.call({
    verb: 'create',
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    subresource: '',
    namespace: 'shop',
    name: '',
    user: { name: 'jane', groups: [] },
    options: {},
    body: configMap('softly'),
    warn: (text) => void warnings.push(text),
    annotate: (key, value) => {
      notes[key] ??= value;
    },
  });
  assert.deepEqual(warnings, ["Validation failed for ValidatingAdmissionPolicy 'soft' with binding 'soft': no good"]);
  assert.equal(notes['soft/name'], 'is softly');
  assert.equal(notes['soft/none'], undefined);
  assert.deepEqual(JSON.parse(notes['validation.policy.admission.k8s.io/validation_failure'] ?? ''), [
    { message: 'no good', policy: 'soft', binding: 'soft', expressionIndex: 0, validationActions: ['Warn', 'Audit'] },
  ]);
});

test('ValidatingAdmissionPolicy treats failing expressions by its failure policy', async () => {
  const spec = { matchConstraints: { resourceRules: CONFIG_RULES }, validations: [{ expression: "object.data.missing == ''" }] };
  await validating('failing', spec);
  await bind('failing');
  const { code, message } = await refusalOf(client.create(CONFIG_MAPS, configMap('fails', { a: 'b' })));
  assert.equal(code, 422);
  assert.match(message, /denied request: expression 'object.data.missing == ''' resulted in error: no such key: missing$/);
  await client.delete(VALIDATING_ADMISSION_POLICIES, { namespace: '', name: 'failing' });
  await validating('failing', { ...spec, failurePolicy: 'Ignore' });
  await client.create(CONFIG_MAPS, configMap('fails', { a: 'b' }));
});

test('ValidatingAdmissionPolicy ends expressions that cost too much', async () => {
  const list = `[${Array.from({ length: 60 }, (_, index) => index).join(', ')}]`;
  await validating('costly', {
    matchConstraints: { resourceRules: CONFIG_RULES },
    variables: [{ name: 'l', expression: list }],
    validations: [{ expression: 'variables.l.all(a, variables.l.all(b, variables.l.all(c, variables.l.all(d, a + b + c + d >= 0))))' }],
  });
  await bind('costly');
  const { message } = await refusalOf(client.create(CONFIG_MAPS, configMap('costly')));
  assert.match(message, /resulted in error: operation cancelled: actual cost limit exceeded$/);
});

test('admission policies are never asked about themselves, nor about reviews', async () => {
  const rules = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }];
  await validating('all', { matchConstraints: { resourceRules: rules }, validations: [{ expression: 'false' }] });
  await bind('all');
  const review = {
    verb: 'create' as const,
    resource: { group: 'authorization.k8s.io', version: 'v1', resource: 'selfsubjectaccessreviews' },
    subresource: '',
    namespace: '',
    name: '',
    user: { name: 'jane', groups: [] },
    options: {},
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { nonResourceAttributes: { path: '/x', verb: 'get' } },
    },
  };
  await cluster.server.server.backend.call(review);
  assert.match((await refusalOf(client.create(NAMESPACES, { metadata: { name: 'n' } } as never))).message, /denied request/);
});

test('admission policies are refused with the places of what does not compile', async () => {
  const refused = await refusalOf(
    validating('broken', {
      matchConstraints: { resourceRules: DEPLOYMENT_RULES },
      variables: [{ name: 'x', expression: '1 +' }],
      validations: [{ expression: 'foo == 1' }, { expression: 'object.spec.replicas' }, { expression: 'true', messageExpression: '1' }],
    }),
  );
  assert.equal(refused.code, 422);
  assert.match(refused.message, /^ValidatingAdmissionPolicy.admissionregistration.k8s.io "broken" is invalid: \[/);
  assert.match(
    refused.message,
    /spec.variables\[0\].expression: Invalid value: "1 \+": compilation failed: ERROR: <input>:1:4: Syntax error: mismatched input/,
  );
  assert.match(
    refused.message,
    /spec.validations\[0\].expression: Invalid value: "foo == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' \(in container ''\)\n \| foo == 1\n \| \^/,
  );
  assert.match(refused.message, /spec.validations\[1\].expression: Invalid value: "object.spec.replicas": must evaluate to bool/);
  assert.match(refused.message, /spec.validations\[2\].messageExpression: Invalid value: "1": must evaluate to string/);
});

const APPLY = (expression: string): policies.Mutation => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
const PATCH = (expression: string): policies.Mutation => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

test('MutatingAdmissionPolicy merges apply configurations into a Deployment', async () => {
  await mutating('apply', {
    matchConstraints: { resourceRules: DEPLOYMENT_RULES },
    variables: [{ name: 'doubled', expression: 'object.spec.replicas * 2' }],
    mutations: [
      APPLY('Object{spec: Object.spec{replicas: variables.doubled}}'),
      APPLY("Object{metadata: Object.metadata{annotations: {'a.b/c': 'set', 'replicas': string(object.spec.replicas)}}}"),
      APPLY(
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'side', image: 'car'}]}}}}",
      ),
    ],
  });
  const made = await client.create(DEPLOYMENTS, deployment('applied', 2));
  assert.equal(made.spec.replicas, 4);
  assert.deepEqual(made.metadata.annotations, { 'a.b/c': 'set', replicas: '4' });
  assert.deepEqual(
    made.spec.template.spec?.containers.map(({ name, image, terminationMessagePath }) => [name, image, terminationMessagePath]),
    [
      ['c', 'i', '/dev/termination-log'],
      ['side', 'car', '/dev/termination-log'],
    ],
  );
});

test('MutatingAdmissionPolicy carries out JSON patches', async () => {
  await mutating('patch', {
    matchConstraints: { resourceRules: CONFIG_RULES },
    matchConditions: [{ name: 'new', expression: "request.operation == 'CREATE'" }],
    mutations: [
      PATCH("[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a/b': 'y'}}]"),
      PATCH("[JSONPatch{op: 'copy', from: '/metadata/labels/' + jsonpatch.escapeKey('a/b'), path: '/data/copied'}]"),
      PATCH("[JSONPatch{op: 'test', path: '/data/nothing', value: 'z'}, JSONPatch{op: 'remove', path: '/data'}]"),
    ],
  });
  const made = await client.create(CONFIG_MAPS, configMap('patched', { k: 'v' }));
  assert.deepEqual(made.metadata.labels, { 'a/b': 'y' });
  assert.deepEqual(made.data, { k: 'v', copied: 'y' });
});

test('MutatingAdmissionPolicy says why a mutation cannot be applied', async () => {
  await mutating('wrong', {
    matchConstraints: { resourceRules: DEPLOYMENT_RULES },
    mutations: [APPLY('Object{spec: Object.spec{selector: Object.spec.wrong{}}}')],
  });
  const { code, message } = await refusalOf(client.create(DEPLOYMENTS, deployment('wrong', 1)));
  const names =
    'unexpected type name "Object.spec.wrong", expected "Object.spec.selector", which matches field name path from root Object type';
  assert.deepEqual([code, message], [403, `policy 'wrong' with binding 'wrong' denied request: type mismatch: ${names}`]);
  await client.delete(MUTATING_ADMISSION_POLICIES, { namespace: '', name: 'wrong' });
  await client.create(MUTATING_ADMISSION_POLICIES, {
    metadata: { name: 'wrong' },
    spec: {
      reinvocationPolicy: 'Never',
      matchConstraints: { resourceRules: DEPLOYMENT_RULES },
      mutations: [APPLY("Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'a': 'b'}}}}")],
    },
  });
  const atomic = await refusalOf(client.create(DEPLOYMENTS, deployment('wrong', 1)));
  assert.match(
    atomic.message,
    /error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector$/,
  );
});

test('MutatingAdmissionPolicy runs again where a later one has changed the object', async () => {
  const count = "Object{metadata: Object.metadata{annotations: {'seen': string(has(object.data) ? object.data.size() : 0)}}}";
  await mutating('a-counts', {
    matchConstraints: { resourceRules: CONFIG_RULES },
    reinvocationPolicy: 'IfNeeded',
    mutations: [APPLY(count)],
  });
  await mutating('b-adds', { matchConstraints: { resourceRules: CONFIG_RULES }, mutations: [APPLY("Object{data: {'added': 'x'}}")] });
  const made = await client.create(CONFIG_MAPS, configMap('again', { one: '1' }));
  assert.deepEqual(made.data, { one: '1', added: 'x' });
  assert.deepEqual(made.metadata.annotations, { seen: '2' });
});

test('MutatingAdmissionPolicy comes before ValidatingAdmissionPolicy', async () => {
  await mutating('fixes', { matchConstraints: { resourceRules: CONFIG_RULES }, mutations: [APPLY("Object{data: {'owner': 'x'}}")] });
  await validating('owned', { matchConstraints: { resourceRules: CONFIG_RULES }, validations: [{ expression: 'has(object.data.owner)' }] });
  await bind('owned');
  await client.create(CONFIG_MAPS, configMap('fixed'));
});

test('the status of a ValidatingAdmissionPolicy tells what its type check found, once a generation', async () => {
  const world = await startAdmittedServer({
    controllers: { 'validatingadmissionpolicy-status-controller': validatingAdmissionPolicyStatusController },
  });
  try {
    const name = { namespace: '', name: 'checked' };
    await world.client.create(VALIDATING_ADMISSION_POLICIES, {
      metadata: { name: 'checked' },
      spec: { matchConstraints: { resourceRules: DEPLOYMENT_RULES }, validations: [{ expression: 'object.foo > 1' }] },
    });
    const checked = await world.eventually(VALIDATING_ADMISSION_POLICIES, name, ({ status }) => status?.observedGeneration === 1);
    assert.match(checked.status?.typeChecking?.expressionWarnings?.[0]?.warning ?? '', /undefined field 'foo'/);
    await world.client.update(VALIDATING_ADMISSION_POLICIES, {
      ...checked,
      spec: { ...checked.spec, validations: [{ expression: 'object.spec.replicas > 1' }] },
    });
    const fixed = await world.eventually(VALIDATING_ADMISSION_POLICIES, name, ({ status }) => status?.observedGeneration === 2);
    assert.deepEqual(fixed.status?.typeChecking, {});
  } finally {
    await world.stop();
  }
});

test('ValidatingAdmissionPolicy guards custom resources, and takes them as parameters', async () => {
  const definition = (plural: string, kind: string): CustomResourceDefinition & KubeObject => ({
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { max: { type: 'integer' } } } } },
          },
        },
      ],
    },
  });
  const world = await startAdmittedServer({ controllers: { 'customresourcedefinition-controller': customResourceDefinitionController } });
  try {
    for (const [plural, kind] of [
      ['things', 'Thing'],
      ['limits', 'Limit'],
    ] as const) {
      await world.client.create(CUSTOM_RESOURCE_DEFINITIONS, definition(plural, kind));
      await world.eventually(CUSTOM_RESOURCE_DEFINITIONS, { namespace: '', name: `${plural}.example.com` }, ({ status }) =>
        (status?.conditions ?? []).some(({ type, status: is }) => type === 'Established' && is === 'True'),
      );
    }
    await world.namespace('shop');
    const custom = (resource: string, kind: string): TypedResource<KubeObject> => ({
      group: 'example.com',
      version: 'v1',
      resource,
      kind,
      namespaced: true,
    });
    const thing = (kind: string, name: string, max: number): KubeObject =>
      ({ apiVersion: 'example.com/v1', kind, metadata: { name, namespace: 'shop' }, spec: { max } }) as KubeObject;
    await world.client.create(custom('limits', 'Limit'), thing('Limit', 'l', 3));
    await world.client.create(VALIDATING_ADMISSION_POLICIES, {
      metadata: { name: 'max' },
      spec: {
        paramKind: { apiVersion: 'example.com/v1', kind: 'Limit' },
        matchConstraints: {
          resourceRules: [{ apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['things'] }],
        },
        validations: [{ expression: 'object.spec.max <= params.spec.max' }],
      },
    });
    await world.client.create(VALIDATING_ADMISSION_POLICY_BINDINGS, {
      metadata: { name: 'max' },
      spec: { policyName: 'max', validationActions: ['Deny'], paramRef: { name: 'l', parameterNotFoundAction: 'Deny' } },
    });
    await world.client.create(custom('things', 'Thing'), thing('Thing', 'small', 3));
    const { message } = await refusalOf(world.client.create(custom('things', 'Thing'), thing('Thing', 'large', 4)));
    assert.match(
      message,
      /^things.example.com "large" is forbidden: .* denied request: failed expression: object.spec.max <= params.spec.max$/,
    );
    await world.client.create(MUTATING_ADMISSION_POLICIES, {
      metadata: { name: 'cap' },
      spec: {
        reinvocationPolicy: 'Never',
        matchConstraints: {
          resourceRules: [{ apiGroups: ['example.com'], apiVersions: ['*'], operations: ['CREATE'], resources: ['things'] }],
        },
        mutations: [APPLY('Object{spec: Object.spec{max: 1}}')],
      },
    });
    await world.client.create(MUTATING_ADMISSION_POLICY_BINDINGS, { metadata: { name: 'cap' }, spec: { policyName: 'cap' } });
    const capped = await world.client.create(custom('things', 'Thing'), thing('Thing', 'capped', 9));
    assert.deepEqual((capped as unknown as { spec: object }).spec, { max: 1 });
  } finally {
    await world.stop();
  }
});
