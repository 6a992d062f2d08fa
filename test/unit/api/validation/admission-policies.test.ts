import assert from 'node:assert/strict';
import { test } from 'node:test';
import type * as policies from '../../../../src/api/types/admissionregistration-v1.gen.ts';
import {
  validateMutatingBinding,
  validateMutatingPolicy,
  validateValidatingBinding,
  validateValidatingPolicy,
} from '../../../../src/api/validation/admission-policies.ts';
import { validatePolicyStatus } from '../../../../src/api/validation/policy-status.ts';

const RULE = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] };
const MATCH: policies.MatchResources = { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, resourceRules: [RULE] };
const metadata = { name: 'p' };

type ValidatingSpec = Partial<policies.ValidatingAdmissionPolicySpec>;
const validating = (spec: ValidatingSpec): string[] =>
  validateValidatingPolicy({
    metadata,
    spec: { failurePolicy: 'Fail', matchConstraints: MATCH, validations: [{ expression: 'true' }], ...spec },
  }).map(({ field, detail }) => `${field}: ${detail}`);
const withRule = (rule: object): ValidatingSpec => ({ matchConstraints: { ...MATCH, resourceRules: [{ ...RULE, ...rule }] } });

const RULES = 'spec.matchConstraints.resourceRules[0]';
const POLICY_CASES: readonly (readonly [what: string, spec: ValidatingSpec, ...faults: string[]])[] = [
  ['a policy that is whole', {}],
  [
    'a policy without anything to say',
    { validations: [] },
    'spec.validations: Required value: validations or auditAnnotations must contain at least one item',
    'spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item',
  ],
  ['an empty failure policy', { failurePolicy: '' }, 'spec.failurePolicy: Unsupported value: "": supported values: "Fail", "Ignore"'],
  ['a failure policy', { failurePolicy: 'Maybe' }, 'spec.failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"'],
  ['a policy without rules', { matchConstraints: { ...MATCH, resourceRules: [] } }, 'spec.matchConstraints.resourceRules: Required value'],
  [
    'operations beside all operations',
    withRule({ operations: ['*', 'CREATE'] }),
    `${RULES}.operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
  ],
  [
    'an operation',
    withRule({ operations: ['PATCH'] }),
    `${RULES}.operations[0]: Unsupported value: "PATCH": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"`,
  ],
  [
    'overlapping resources',
    withRule({ resources: ['pods/*', 'pods/status', '*', 'secrets'] }),
    `${RULES}.resources[1]: Invalid value: "pods/status": if 'pods/*' is present, must not specify pods/status`,
    `${RULES}.resources: Invalid value: ["pods/*","pods/status","*","secrets"]: if '*' is present, must not specify other resources without subresources`,
  ],
  ['a name twice', withRule({ resourceNames: ['a', 'a'] }), `${RULES}.resourceNames[1]: Duplicate value: "a"`],
  ['a rule without groups', withRule({ apiGroups: [] }), `${RULES}.apiGroups: Required value`],
  [
    'a kind of parameters',
    { paramKind: { apiVersion: '', kind: '' } },
    'spec.paramKind.apiVersion: Required value',
    'spec.paramKind.kind: Required value',
  ],
  [
    'match conditions',
    {
      matchConditions: [
        { name: 'a', expression: '1' },
        { name: 'a', expression: '' },
      ],
    },
    'spec.matchConditions[0].expression: Invalid value: "1": must evaluate to bool but got int',
    'spec.matchConditions[1].expression: Required value',
    'spec.matchConditions[1].name: Duplicate value: "a"',
  ],
  [
    'variables',
    {
      variables: [
        { name: 'for', expression: '1' },
        { name: 'x', expression: ' ' },
      ],
    },
    'spec.variables[0].name: Invalid value: "for": must be a valid CEL identifier',
    'spec.variables[1].expression: Required value: expression is not specified',
  ],
  [
    'variables in their order',
    {
      variables: [
        { name: 'a', expression: '1' },
        { name: 'b', expression: 'variables.a + 1' },
      ],
    },
  ],
  [
    'a variable before it is there',
    {
      variables: [
        { name: 'b', expression: 'variables.a' },
        { name: 'a', expression: '1' },
      ],
    },
    'spec.variables[0].expression: Invalid value: "variables.a": compilation failed: ERROR: <input>:1:10: undefined field \'a\'\n | variables.a\n | .........^',
  ],
  [
    'parameters where there are none',
    { validations: [{ expression: 'params.x == 1' }] },
    "spec.validations[0].expression: Invalid value: \"params.x == 1\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x == 1\n | ^",
  ],
  [
    'the authorizer in a message',
    { validations: [{ expression: 'true', messageExpression: "string(authorizer.path('/').check('get').allowed())" }] },
    "spec.validations[0].messageExpression: Invalid value: \"string(authorizer.path('/').check('get').allowed())\": compilation failed: ERROR: <input>:1:8: undeclared reference to 'authorizer' (in container '')\n | string(authorizer.path('/').check('get').allowed())\n | .......^",
  ],
  [
    'messages',
    { validations: [{ expression: ' ', message: 'a\nb', reason: 'NotFound' }] },
    'spec.validations[0].expression: Required value: expression is not specified',
    'spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks',
    'spec.validations[0].reason: Unsupported value: "NotFound": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
  ],
  [
    'audit annotations',
    {
      auditAnnotations: [
        { key: 'a', valueExpression: '1' },
        { key: 'a', valueExpression: 'null' },
      ],
    },
    'spec.auditAnnotations[0].valueExpression: Invalid value: "1": must evaluate to one of [string null_type] but got int',
    'spec.auditAnnotations[1].key: Duplicate value: "a"',
  ],
];

for (const [what, spec, ...faults] of POLICY_CASES) {
  test(`validateValidatingPolicy judges ${what}`, () => assert.deepEqual(validating(spec), faults));
}

const mutating = (spec: Partial<policies.MutatingAdmissionPolicySpec>): string[] =>
  validateMutatingPolicy({ metadata, spec: { failurePolicy: 'Fail', matchConstraints: MATCH, reinvocationPolicy: 'Never', ...spec } }).map(
    ({ field, detail }) => `${field}: ${detail}`,
  );

test('validateMutatingPolicy judges mutations by their patch type', () => {
  assert.deepEqual(mutating({}), ['spec.mutations: Required value: mutations must contain at least one item']);
  const mutations: policies.Mutation[] = [
    { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{spec: Object.spec{paused: true}}' } },
    { patchType: 'ApplyConfiguration', applyConfiguration: { expression: "{'a': 'b'}" } },
    { patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'remove', path: '/x'}]" } },
    { patchType: 'JSONPatch', jsonPatch: { expression: "[JSONPatch{op: 'remove', way: '/x'}]" }, applyConfiguration: { expression: '' } },
    { patchType: 'ApplyConfiguration' },
    { patchType: 'Merge' },
  ];
  assert.deepEqual(mutating({ mutations }), [
    "spec.mutations[1].applyConfiguration.expression: Invalid value: \"{'a': 'b'}\": must evaluate to Object but got map(string, string)",
    "spec.mutations[3].jsonPatch.expression: Invalid value: \"[JSONPatch{op: 'remove', way: '/x'}]\": compilation failed: ERROR: <input>:1:29: undefined field 'way'\n | [JSONPatch{op: 'remove', way: '/x'}]\n | ............................^",
    'spec.mutations[3].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
    'spec.mutations[4].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration',
    'spec.mutations[5].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"',
  ]);
  assert.deepEqual(mutating({ mutations: mutations.slice(0, 1), reinvocationPolicy: 'Always' }), [
    'spec.reinvocationPolicy: Unsupported value: "Always": supported values: "IfNeeded", "Never"',
  ]);
});

test('validateValidatingBinding judges parameters and actions', () => {
  const faults = (spec: Partial<policies.ValidatingAdmissionPolicyBindingSpec>): string[] =>
    validateValidatingBinding({ metadata, spec: { policyName: 'p', validationActions: ['Deny'], ...spec } }).map(
      ({ field, detail }) => `${field}: ${detail}`,
    );
  assert.deepEqual(faults({}), []);
  assert.deepEqual(faults({ policyName: '', validationActions: [] }), [
    'spec.policyName: Required value',
    'spec.validationActions: Required value: at least one validation action is required',
  ]);
  assert.deepEqual(faults({ paramRef: { name: 'a', selector: {}, parameterNotFoundAction: 'Skip' } }), [
    'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
    'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
    'spec.paramRef.parameterNotFoundAction: Unsupported value: "Skip": supported values: "Deny", "Allow"',
  ]);
  assert.deepEqual(faults({ paramRef: {} }), [
    'spec.paramRef: Required value: one of name or selector must be specified',
    'spec.paramRef.parameterNotFoundAction: Required value',
  ]);
  assert.deepEqual(faults({ validationActions: ['Deny', 'Warn', 'Deny'] }), [
    'spec.validationActions[2]: Duplicate value: "Deny"',
    'spec.validationActions: Invalid value: ["Deny","Warn","Deny"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
  ]);
});

test('validateMutatingBinding needs no actions', () => {
  assert.deepEqual(validateMutatingBinding({ metadata, spec: { policyName: 'p' } }), []);
});

test('what mutates is not about what is deleted', () => {
  const match = { ...MATCH, resourceRules: [{ ...RULE, operations: ['CREATE', 'DELETE'] }] };
  const fault = (field: string) =>
    `${field}.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"`;
  const mutations: policies.Mutation[] = [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "test", path: "/a"}]' } }];
  assert.deepEqual(mutating({ matchConstraints: match, mutations }), [fault('spec.matchConstraints')]);
  const found = validateMutatingBinding({ metadata, spec: { policyName: 'p', matchResources: match } });
  assert.deepEqual(
    found.map(({ field, detail }) => `${field}: ${detail}`),
    [fault('spec.matchResources')],
  );
});

test('selectors of policies and bindings that could never be read are refused', () => {
  const selector = { matchExpressions: [{ key: 'a', operator: '' }] };
  const fault = 'matchExpressions[0].operator: Invalid value: "": not a valid selector operator';
  for (const field of ['namespaceSelector', 'objectSelector'])
    assert.deepEqual(validating({ matchConstraints: { ...MATCH, [field]: selector } }), [`spec.matchConstraints.${field}.${fault}`]);
  const spec = { policyName: 'p', validationActions: ['Deny'], paramRef: { selector, parameterNotFoundAction: 'Deny' } };
  const found = validateValidatingBinding({ metadata, spec }).map(({ field, detail }) => `${field}: ${detail}`);
  assert.deepEqual(found, [`spec.paramRef.selector.${fault}`]);
});

test('validatePolicyStatus judges what was found of types, and conditions', () => {
  const condition = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'Ready', message: '' };
  const status = { typeChecking: { expressionWarnings: [{ fieldRef: ' ', warning: '' }] }, conditions: [condition, condition] };
  const found = validatePolicyStatus({ metadata, spec: {}, status }).map(({ field, detail }) => `${field}: ${detail}`);
  assert.deepEqual(found, [
    'status.typeChecking.expressionWarnings[0].warning: Required value',
    'status.typeChecking.expressionWarnings[0].fieldRef: Required value',
    'status.conditions[1]: Duplicate value: "Ready"',
  ]);
  assert.deepEqual(validatePolicyStatus({ metadata, spec: {} }), []);
});
