// Rules of FlowSchema and PriorityLevelConfiguration, with the texts of upstream.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MANDATORY_FLOW_CONTROL, SUGGESTED_FLOW_CONTROL } from '../../../../src/api/flow-control-objects.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../../../../src/api/types/flowcontrol-v1.gen.ts';
import { validateFlowControlStatus, validateFlowSchema, validatePriorityLevel } from '../../../../src/api/validation/flowcontrol.ts';

const API_VERSION = 'flowcontrol.apiserver.k8s.io/v1';
const subject = { kind: 'User', user: { name: 'u' } };
const resourceRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['a'] };
const pathRule = { verbs: ['get'], nonResourceURLs: ['/x'] };

const schema = (spec: object, name = 's'): FlowSchema =>
  ({
    apiVersion: API_VERSION,
    kind: 'FlowSchema',
    metadata: { name },
    spec: {
      priorityLevelConfiguration: { name: 'l' },
      matchingPrecedence: 10,
      rules: [{ subjects: [subject], resourceRules: [resourceRule] }],
      ...spec,
    },
    status: {},
  }) as FlowSchema; // Wrong ones are what is tested.

const rules = (rule: object): object => ({ rules: [{ subjects: [subject], ...rule }] });
const told = (errors: readonly { field: string; detail: string }[]): string[] => errors.map(({ field, detail }) => `${field}: ${detail}`);

describe('validateFlowSchema', () => {
  it("accepts upstream's objects", () => {
    for (const object of [...MANDATORY_FLOW_CONTROL.schemas, ...SUGGESTED_FLOW_CONTROL.schemas])
      assert.deepEqual(told(validateFlowSchema(object)), []);
  });

  const cases: readonly [FlowSchema, ...string[]][] = [
    [schema({})],
    [schema({ matchingPrecedence: 0 }), 'spec.matchingPrecedence: Invalid value: 0: must be a positive value'],
    [schema({ matchingPrecedence: 10_001 }), 'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
    [
      schema({ matchingPrecedence: 1 }),
      "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
    ],
    [
      schema({ priorityLevelConfiguration: { name: '' } }),
      'spec.priorityLevelConfiguration.name: Required value: must reference a priority level',
    ],
    [
      schema({ distinguisherMethod: { type: 'ByPod' } }),
      'spec.distinguisherMethod.type: Unsupported value: {"Type":"ByPod"}: supported values: "ByNamespace", "ByUser"',
    ],
    [
      schema({ rules: [{ subjects: [], resourceRules: [resourceRule] }] }),
      'spec.rules[0].subjects: Required value: subjects must contain at least one value',
    ],
    [schema(rules({})), 'spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to be non-empty'],
    [
      schema({ rules: [{ subjects: [{ kind: 'User', group: { name: 'g' } }], nonResourceRules: [pathRule] }] }),
      "spec.rules[0].subjects[0].user: Required value: user is required when subject kind is 'User'",
      "spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'",
    ],
    [
      schema({ rules: [{ subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: '*' } }], nonResourceRules: [pathRule] }] }),
      'spec.rules[0].subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account',
    ],
    [
      schema({ rules: [{ subjects: [{ kind: 'Robot' }], nonResourceRules: [pathRule] }] }),
      'spec.rules[0].subjects[0].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"',
    ],
    [
      schema(rules({ resourceRules: [{ ...resourceRule, verbs: ['get', '*'] }] })),
      'spec.rules[0].resourceRules[0].verbs: Invalid value: ["get","*"]: if \'*\' is present, must not specify other verbs',
    ],
    [
      schema(rules({ resourceRules: [{ ...resourceRule, verbs: ['eat'] }] })),
      'spec.rules[0].resourceRules[0].verbs: Unsupported value: ["eat"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
    ],
    [
      schema(rules({ resourceRules: [{ ...resourceRule, apiGroups: [], resources: [] }] })),
      'spec.rules[0].resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group',
      'spec.rules[0].resourceRules[0].resources: Required value: resource rules must supply at least one resource',
    ],
    [
      schema(rules({ resourceRules: [{ ...resourceRule, namespaces: [] }] })),
      'spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace',
    ],
    [schema(rules({ resourceRules: [{ ...resourceRule, namespaces: [], clusterScope: true }] }))],
    ...(
      [
        ['x', 'must start with slash'],
        ['/a b', 'must not contain white-space'],
        ['/a//b', 'must not contain double slash'],
        ['/a*', 'wildcard can only do suffix matching'],
        ['/*/a', 'wildcard can only do suffix matching'],
        ['', 'must not be empty'],
      ] as const
    ).map(([url, why]): [FlowSchema, string] => [
      schema(rules({ nonResourceRules: [{ verbs: ['*'], nonResourceURLs: [url] }] })),
      `spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: ${JSON.stringify(url)}: ${why}`,
    ]),
    [schema(rules({ nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/', '/a/*'] }] }))],
  ];
  for (const [object, ...expected] of cases)
    it(`says ${expected.join('; ') || 'nothing'}`, () => assert.deepEqual(told(validateFlowSchema(object)), expected));

  it('keeps a mandatory schema as it is', () => {
    const [, message] =
      told(validateFlowSchema(schema({ matchingPrecedence: 5 }, 'catch-all')))
        .at(-1)
        ?.split(/: (?=spec of)/) ?? [];
    assert.equal(message, "spec of 'catch-all' must equal the fixed value");
  });

  it('has each condition of a status once and with a type', () => {
    const status = { conditions: [{ type: 'A' }, { type: 'A' }, { type: '' }] };
    assert.deepEqual(told(validateFlowControlStatus({ ...schema({}), status } as FlowSchema)), [
      'status.conditions[1].type: Duplicate value: "A"',
      'status.conditions[2].type: Required value',
    ]);
  });
});

describe('validatePriorityLevel', () => {
  it("accepts upstream's objects", () => {
    for (const object of [...MANDATORY_FLOW_CONTROL.levels, ...SUGGESTED_FLOW_CONTROL.levels])
      assert.deepEqual(told(validatePriorityLevel(object)), []);
  });

  const level = (spec: object, name = 'l'): PriorityLevelConfiguration =>
    ({ apiVersion: API_VERSION, kind: 'PriorityLevelConfiguration', metadata: { name }, spec, status: {} }) as PriorityLevelConfiguration; // Wrong ones too.
  const limited = (rest: object): PriorityLevelConfiguration =>
    level({ type: 'Limited', limited: { nominalConcurrencyShares: 1, limitResponse: { type: 'Reject' }, ...rest } });
  const queuing = (rest: object): PriorityLevelConfiguration =>
    limited({ limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 6, queueLengthLimit: 50, ...rest } } });
  const response = 'spec.limited.limitResponse';
  const cases: readonly [PriorityLevelConfiguration, ...string[]][] = [
    [limited({})],
    [queuing({})],
    [level({ type: 'Limited' }), 'spec.limited: Required value: must not be empty when type is Limited'],
    [level({ type: 'Exempt' }), "spec.type: Invalid value: \"Exempt\": must be 'Exempt' if and only if `name` is 'exempt'"],
    [level({ type: 'Free' }), 'spec.type: Unsupported value: "Free": supported values: "Exempt", "Limited"'],
    [limited({ nominalConcurrencyShares: -1 }), 'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer'],
    [limited({ lendablePercent: 101 }), 'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive'],
    [
      limited({ borrowingLimitPercent: -1 }),
      'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
    ],
    [
      limited({ limitResponse: { type: 'Queue' } }),
      `${response}.queuing: Required value: must not be empty if limited.limitResponse.type is Limited`,
    ],
    [
      limited({ limitResponse: { type: 'Reject', queuing: {} } }),
      `${response}.queuing: Forbidden: must be nil if limited.limitResponse.type is not Limited`,
    ],
    [limited({ limitResponse: { type: 'Cry' } }), `${response}.type: Unsupported value: "Cry": supported values: "Queue", "Reject"`],
    [queuing({ queueLengthLimit: 0 }), `${response}.queuing.queueLengthLimit: Invalid value: 0: must be positive`],
    [
      queuing({ queues: 10_000_001, handSize: 1 }),
      `${response}.queuing.queues: Invalid value: 10000001: must not be greater than 10000000`,
    ],
    [queuing({ handSize: 65 }), `${response}.queuing.handSize: Invalid value: 65: should not be greater than queues (64)`],
    [
      queuing({ queues: 512, handSize: 8 }),
      `${response}.queuing.handSize: Invalid value: 8: required entropy bits of deckSize 512 and handSize 8 should not be greater than 60`,
    ],
  ];
  for (const [object, ...expected] of cases)
    it(`says ${expected.join('; ') || 'nothing'}`, () => assert.deepEqual(told(validatePriorityLevel(object)), expected));

  it('lets an administrator change what the exempt level lends, and nothing else of it', () => {
    assert.deepEqual(
      told(validatePriorityLevel(level({ type: 'Exempt', exempt: { nominalConcurrencyShares: 5, lendablePercent: 10 } }, 'exempt'))),
      [],
    );
    const [first] = told(validatePriorityLevel(level({ type: 'Exempt', exempt: { lendablePercent: 101 } }, 'exempt')));
    assert.equal(first, 'spec.exempt.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive');
    const last = told(validatePriorityLevel(level({ type: 'Exempt', limited: {} }, 'exempt'))).at(-1);
    assert.match(last ?? '', /spec of 'exempt' except the 'spec.exempt' field must equal the fixed value$/);
  });
});
