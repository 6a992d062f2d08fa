import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILTIN_RESOURCES } from '../../../../src/api/resources.ts';
import type { ValidatingAdmissionPolicy } from '../../../../src/api/types/admissionregistration-v1.gen.ts';
import type { CustomResourceDefinition } from '../../../../src/api/types/apiextensions-v1.gen.ts';
import { policyWarnings } from '../../../../src/server/controllers/policy-type-check.ts';

const DEFINITION: CustomResourceDefinition = {
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } },
        },
      },
    ],
  },
};
const THINGS = {
  group: 'example.com',
  version: 'v1',
  resource: 'things',
  kind: 'Thing',
  singular: 'thing',
  listKind: 'ThingList',
  namespaced: true,
  verbs: [],
  shortNames: [],
  categories: [],
  subresources: [],
  virtual: false,
} as never;
const served = { resources: [...BUILTIN_RESOURCES, THINGS], definitions: [DEFINITION] };

function warningsOf(spec: Partial<ValidatingAdmissionPolicy['spec']>, rule: object = {}): readonly { fieldRef: string; warning: string }[] {
  const rules = [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['*'], resources: ['deployments'], ...rule }];
  return policyWarnings({ metadata: { name: 'p' }, spec: { matchConstraints: { resourceRules: rules }, ...spec } }, served);
}
const validations = (...expressions: string[]) => ({ validations: expressions.map((expression) => ({ expression })) });

test('policyWarnings finds nothing wrong with expressions that fit', () => {
  assert.deepEqual(
    warningsOf(validations('object.spec.replicas > 1', "has(object.metadata.labels) && namespaceObject.metadata.name != 'x'")),
    [],
  );
});

test('policyWarnings tells the field that a kind does not have, with its place', () => {
  assert.deepEqual(warningsOf(validations('true', 'object.foo > 1')), [
    {
      fieldRef: 'spec.validations[1].expression',
      warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'foo'\n | object.foo > 1\n | ......^\n",
    },
  ]);
});

test('policyWarnings looks at message expressions and through variables', () => {
  const warnings = warningsOf({
    variables: [
      { name: 'r', expression: 'object.spec.replicas' },
      { name: 'broken', expression: 'object.nope' },
    ],
    validations: [{ expression: "variables.r == 'x'", messageExpression: "'a' + variables.r" }, { expression: 'variables.broken == 1' }],
  });
  assert.deepEqual(
    warnings.map(({ fieldRef }) => fieldRef),
    ['spec.validations[0].expression', 'spec.validations[0].messageExpression'],
  );
  assert.match(warnings[0]?.warning ?? '', /found no matching overload for '_==_' applied to '\(int, string\)'/);
});

test('policyWarnings checks each kind that rules name, and none behind wildcards', () => {
  const rule = { resources: ['deployments', 'replicasets', 'deployments/scale'] };
  const [warning] = warningsOf(validations('object.spec.strategy.type == "Recreate"'), rule);
  assert.match(warning?.warning ?? '', /^apps\/v1, Kind=ReplicaSet: ERROR: .*undefined field 'strategy'/);
  assert.deepEqual(warningsOf(validations('object.foo == 1'), { apiGroups: ['*'] }), []);
  assert.deepEqual(warningsOf(validations('object.foo == 1'), { resources: ['*'] }), []);
});

test('policyWarnings knows custom kinds and parameters by their schemas', () => {
  const rule = { apiGroups: ['example.com'], resources: ['things'] };
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
  assert.deepEqual(warningsOf({ paramKind, ...validations('object.spec.size < int(params.data.max)') }, rule), []);
  const [size] = warningsOf({ paramKind, ...validations("object.spec.size == ''", 'params.nothing == 1') }, rule);
  assert.match(size?.warning ?? '', /^example.com\/v1, Kind=Thing: /);
});

test('policyWarnings keeps the slash of the core group', () => {
  const [warning] = warningsOf(validations('object.foo == 1'), { apiGroups: [''], resources: ['pods'] });
  assert.match(warning?.warning ?? '', /^\/v1, Kind=Pod: /);
});
