import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultRules } from '../../../../src/api/structural/default-rules.ts';
import { loadPatterns } from '../../../../src/api/structural/patterns.ts';
import { ruleCheckFaults } from '../../../../src/api/structural/rule-check.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
  JSONSchemaProps,
  ValidationRule,
} from '../../../../src/api/types/apiextensions-v1.gen.ts';
import { definitionFaults } from '../../../../src/api/validation/apiextensions.ts';
import { TEST_CA } from '../../../support/test-certificates.ts';

const patterns = await loadPatterns();
const context = { patterns, rules: ruleCheckFaults, defaults: defaultRules };
const TEXT = { type: 'string' };
const OBJECT = { type: 'object' };

type Version = CustomResourceDefinitionSpec['versions'][number];

function definition(spec: Partial<CustomResourceDefinitionSpec>, version: Partial<Version> = {}): CustomResourceDefinition {
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: OBJECT }, ...version }];
  const names = { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' };
  const whole = { group: 'example.com', scope: 'Namespaced', names, versions, ...spec };
  return {
    metadata: { name: `${whole.names.plural}.${whole.group}` },
    spec: whole,
    status: { storedVersions: whole.versions.filter(({ storage }) => storage).map(({ name }) => name) },
  };
}

const told = (whole: CustomResourceDefinition, old?: CustomResourceDefinition): string[] =>
  definitionFaults(whole, old, context).map(({ field, detail }) => `${field}: ${detail}`);

const ROOT = 'spec.validation.openAPIV3Schema';
const withSpec = (schema: JSONSchemaProps): CustomResourceDefinition =>
  definition({}, { schema: { openAPIV3Schema: { ...OBJECT, properties: { spec: schema } } } });

describe('definitionFaults of a definition', () => {
  const label =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
  const cases: readonly [what: string, whole: CustomResourceDefinition, expected: readonly string[]][] = [
    ['that is right', definition({}), []],
    [
      'in a group without a dot',
      definition({ group: 'example' }),
      ['spec.group: Invalid value: "example": should be a domain with at least one dot'],
    ],
    [
      'of an unknown scope',
      definition({ scope: 'World' }),
      ['spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"'],
    ],
    [
      'under another name',
      { ...definition({}), metadata: { name: 'x' } },
      ['metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group'],
    ],
    ['with an odd version', definition({}, { name: 'V1' }), [`spec.versions[0].name: Invalid value: "V1": ${label}`]],
    [
      'without a schema',
      definition({ versions: [{ name: 'v1', served: true, storage: true }] }),
      ['spec.versions[0].schema.openAPIV3Schema: Required value'],
    ],
    [
      'with fields to select by, of a version without a schema',
      definition({
        versions: [
          { name: 'v1', served: true, storage: true, selectableFields: [{ jsonPath: '.a' }] },
          { name: 'v2', served: true, storage: false },
        ],
      }),
      [
        'spec.versions[0].schema.openAPIV3Schema: Required value',
        'spec.versions[1].schema.openAPIV3Schema: Required value',
        'spec.versions[0].selectableFields: Invalid value: "": may only be set when `version.schema.openAPIV3Schema` is not included',
      ],
    ],
    [
      'whose list is called like its kind',
      definition({ names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'Widget' } }),
      ['spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same'],
    ],
    [
      'with an odd column',
      definition({}, { additionalPrinterColumns: [{ name: '', type: 'text', jsonPath: 'spec' }] }),
      [
        'spec.additionalPrinterColumns[0].name: Required value',
        'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].JSONPath: Invalid value: "spec": must be a simple json path starting with .',
      ],
    ],
    [
      'with an odd scale',
      definition(
        {},
        { subresources: { scale: { specReplicasPath: '.status.a', statusReplicasPath: '', labelSelectorPath: '.metadata' } } },
      ),
      [
        'spec.subresources.scale.specReplicasPath: Invalid value: ".status.a": should be a json path under .spec',
        'spec.subresources.scale.statusReplicasPath: Required value',
        'spec.subresources.scale.labelSelectorPath: Invalid value: ".metadata": should be a json path under either .spec or .status',
      ],
    ],
    [
      'with a warning that is not for a deprecated version',
      definition({}, { deprecationWarning: 'x' }),
      ['spec.versions[0].deprecationWarning: Invalid value: "x": can only be set for deprecated versions'],
    ],
    [
      'with a conversion that nobody can ask',
      definition({ conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v9'], clientConfig: { url: 'http://a' } } } }),
      [
        'spec.conversion.webhookClientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
        'spec.conversion.conversionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
      ],
    ],
    [
      'in a group of the community',
      definition({ group: 'x.k8s.io' }),
      [
        'metadata.annotations[api-approved.kubernetes.io]: Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
      ],
    ],
    [
      'that keeps all fields the old way',
      definition({ preserveUnknownFields: true }),
      [
        'spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
      ],
    ],
  ];
  for (const [what, whole, expected] of cases) it(what, () => assert.deepEqual(told(whole), expected));

  it('of two versions stands at each, where they differ', () => {
    const schema = (type: string) => ({ openAPIV3Schema: { ...OBJECT, properties: { a: { type } } } });
    const versions = [
      { name: 'v1', served: true, storage: true, schema: schema('string') },
      { name: 'v2', served: true, storage: false, schema: schema('text') },
    ];
    assert.deepEqual(told(definition({ versions })), [
      'spec.versions[1].schema.openAPIV3Schema.properties[a].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ]);
  });
});

describe('definitionFaults of a schema', () => {
  const AT = `${ROOT}.properties[spec]`;
  const list = (more: JSONSchemaProps): JSONSchemaProps => ({ type: 'array', ...more });
  const cases: readonly [what: string, schema: JSONSchemaProps, expected: readonly string[]][] = [
    [
      'without types',
      { properties: { a: {} } },
      [
        `${AT}.properties[a].type: Required value: must not be empty for specified object fields`,
        `${AT}.type: Required value: must not be empty for specified object fields`,
      ],
    ],
    [
      'with a broken pattern',
      { ...TEXT, pattern: '(' },
      [`${AT}.pattern: Invalid value: "(": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): \`(\``],
    ],
    [
      'with unique items',
      list({ uniqueItems: true, items: TEXT }),
      [`${AT}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`],
    ],
    ['with a reference', { ...OBJECT, $ref: '#/a' }, [`${AT}.$ref: Forbidden: $ref is not supported`]],
    [
      'that is struct and map',
      { ...OBJECT, properties: { a: TEXT }, additionalProperties: TEXT },
      [`${AT}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
    ],
    [
      'whose combination below the root speaks of what is not described',
      { ...OBJECT, allOf: [{ properties: { a: { minLength: 1 } } }] },
      [],
    ],
    ['that says the two types of an int-or-string', { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, TEXT] }, []],
    [
      'with a default that does not fit',
      { type: 'integer', default: 'x' },
      [`${AT}.default: Invalid value: "string":  in body must be of type integer: "string"`],
    ],
    [
      'with a default whose item does not fit',
      { type: 'array', items: { type: 'integer' }, default: ['x'] },
      [`${AT}.default.[0]: Invalid value: "string": [0] in body must be of type integer: "string"`],
    ],
    [
      'with a default that fits no alternative',
      { ...OBJECT, properties: { a: TEXT }, oneOf: [{ required: ['a'] }], default: {} },
      [
        `${AT}.default: Invalid value: "": "" must validate one and only one schema (oneOf). Found none valid`,
        `${AT}.default.a: Required value`,
      ],
    ],
    [
      'with a default of unknown fields',
      { ...OBJECT, properties: { a: TEXT }, default: { b: 1 } },
      [`${AT}.default: Invalid value: {"b":1}: must not have unknown fields`],
    ],
    [
      'of a map list without keys',
      list({ items: OBJECT, 'x-kubernetes-list-type': 'map' }),
      [`${AT}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
    ],
    [
      'of a map list whose key may be left out',
      list({ items: { ...OBJECT, properties: { k: TEXT } }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] }),
      [
        `${AT}.items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
      ],
    ],
    [
      'of a set of objects',
      list({ items: { ...OBJECT, properties: { k: TEXT } }, 'x-kubernetes-list-type': 'set' }),
      [`${AT}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`],
    ],
    [
      'with a rule over two lines',
      { ...OBJECT, 'x-kubernetes-validations': [{ rule: 'true\n&& true' }] },
      [`${AT}.x-kubernetes-validations[0].message: Required value: message must be specified if rule contains line breaks`],
    ],
    [
      'with messages that say nothing, or too much',
      {
        ...OBJECT,
        'x-kubernetes-validations': [
          { rule: 'true', message: ' ' },
          { rule: 'true', message: 'a\nb', fieldPath: ' ' },
        ],
      },
      [
        `${AT}.x-kubernetes-validations[0].message: Invalid value: " ": must be non-empty if specified`,
        `${AT}.x-kubernetes-validations[1].message: Invalid value: "a\\nb": must not contain line breaks`,
        `${AT}.x-kubernetes-validations[1].fieldPath: Invalid value: " ": must be non-empty if specified`,
        `${AT}.x-kubernetes-validations[1].fieldPath: Invalid value: " ": must be a valid path`,
      ],
    ],
    ['with documents elsewhere for one of its cases', { ...OBJECT, anyOf: [{ externalDocs: { url: 'https://example.com' } }] }, []],
    [
      'with a rule for a field that is not there',
      { ...OBJECT, 'x-kubernetes-validations': [{ rule: 'true', fieldPath: '.a' }] },
      [`${AT}.x-kubernetes-validations[0].fieldPath: Invalid value: ".a": must be a valid path`],
    ],
    [
      'with a transition rule where old items cannot be found',
      list({ maxItems: 5, items: { ...TEXT, maxLength: 5, 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } }),
      [
        `${AT}.items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${AT}`,
      ],
    ],
  ];
  for (const [what, schema, expected] of cases) it(what, () => assert.deepEqual(told(withSpec(schema)), expected));

  const ruled = (schema: JSONSchemaProps, ...rules: (string | ValidationRule)[]): JSONSchemaProps => ({
    ...schema,
    'x-kubernetes-validations': rules.map((rule) => (typeof rule === 'string' ? { rule } : rule)),
  });
  const NUMBER = { type: 'integer' };
  const defaults: readonly [what: string, schema: JSONSchemaProps, expected: readonly string[]][] = [
    ['that keeps the rule', ruled({ ...NUMBER, default: 3 }, 'self > 2'), []],
    [
      'that breaks the rule',
      ruled({ ...NUMBER, default: 1 }, { rule: 'self > 2', message: 'too small' }),
      [`${AT}.default: Invalid value: 1: too small`],
    ],
    [
      'a part of which breaks its rule',
      { ...OBJECT, properties: { a: ruled(NUMBER, 'self > 2') }, default: { a: 1 } },
      [`${AT}.default.a: Invalid value: 1: failed rule: self > 2`],
    ],
    [
      'that the rules of the object around do not reach',
      ruled({ ...OBJECT, properties: { a: { ...NUMBER, default: 1 } } }, '!has(self.a) || self.a > 2'),
      [],
    ],
    ['that a transition rule takes for its own old value', ruled({ ...NUMBER, default: 1 }, 'self >= oldSelf'), []],
    [
      'that a transition rule never lets stay',
      ruled({ ...NUMBER, default: 1 }, 'self > oldSelf'),
      [`${AT}.default: Invalid value: 1: failed rule: self > oldSelf`],
    ],
    [
      'that may only come by an update',
      ruled({ ...NUMBER, default: 1 }, { rule: 'oldSelf.hasValue()', optionalOldSelf: true }),
      [`${AT}.default: Invalid value: 1: failed rule: oldSelf.hasValue()`],
    ],
    [
      'whose rule does not compile, which is told in its place',
      ruled({ ...TEXT, default: 'x' }, 'self > 2'),
      [
        `${AT}.default: Invalid value: "string": rule compile error: compilation failed: ERROR: <input>:1:6: found no matching overload for '_>_' applied to '(string, int)'\n | self > 2\n | .....^`,
      ],
    ],
    [
      'in the metadata of an object inside',
      {
        ...OBJECT,
        'x-kubernetes-embedded-resource': true,
        properties: { metadata: { ...OBJECT, properties: { labels: { ...OBJECT, additionalProperties: TEXT, default: { a: '!' } } } } },
      },
      [
        `${AT}.properties[metadata].properties[labels].default: Invalid value: {"a":"!"}: must result in valid metadata: metadata.labels: Invalid value: "!": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
      ],
    ],
  ];
  for (const [what, schema, expected] of defaults) it(`holds a default ${what}`, () => assert.deepEqual(told(withSpec(schema)), expected));

  it('stops at the budget that the defaults of a schema share', () => {
    const dear = ruled(
      { ...list({ items: NUMBER }), default: Array.from({ length: 400 }, (_, i) => i) },
      'self.all(a, self.all(b, b >= 0))',
    );
    const properties = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`p${i}`, dear]));
    const faults = told(withSpec({ ...OBJECT, properties }));
    assert.equal(faults.length, 1);
    assert.match(
      faults[0] ?? '',
      /properties\[p\d+\]\.default: Invalid value: "array": validation failed due to running out of cost budget/,
    );
  });

  it('demands that metadata is left alone', () => {
    const schema = { openAPIV3Schema: { ...OBJECT, properties: { metadata: { ...OBJECT, properties: { labels: OBJECT } } } } };
    assert.deepEqual(told(definition({}, { schema })), [
      `${ROOT}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
    ]);
  });

  it('refuses selectable fields that are not plain', () => {
    const spec = { ...OBJECT, properties: { a: TEXT, b: OBJECT } };
    const schema = { openAPIV3Schema: { ...OBJECT, properties: { spec } } };
    const fields = (...paths: string[]) => told(definition({}, { schema, selectableFields: paths.map((jsonPath) => ({ jsonPath })) }));
    assert.deepEqual(fields('.spec.a'), []);
    assert.deepEqual(fields('.spec.b', '.spec.c', '.spec.a', '.spec.a'), [
      'spec.selectableFields[0].jsonPath: Invalid value: ".spec.b": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
      'spec.selectableFields[1].jsonPath: Invalid value: ".spec.c": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[3].jsonPath: Duplicate value: ".spec.a"',
    ]);
  });
});

describe('definitionFaults of an update', () => {
  const established = (whole: CustomResourceDefinition): CustomResourceDefinition => ({
    ...whole,
    status: { ...whole.status, conditions: [{ type: 'Established', status: 'True' }] },
  });

  it('keeps scope and kind of what is established', () => {
    const old = established(definition({}));
    const next = { ...old, spec: { ...old.spec, scope: 'Cluster' } };
    assert.deepEqual(told(next, old), ['spec.scope: Invalid value: "Cluster": field is immutable']);
    assert.deepEqual(told(next, definition({})), []);
  });

  describe('of the bundle of its conversion', () => {
    const converted = (text: string): CustomResourceDefinition =>
      definition({
        conversion: {
          strategy: 'Webhook',
          webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://a', caBundle: Buffer.from(text).toString('base64') } },
        },
      });
    const fault =
      'spec.conversion.webhookClientConfig.caBundle: Invalid value: "eA==": unable to load root certificates: unable to parse bytes as PEM block';
    const none = definition({});
    const cases: readonly [what: string, next: CustomResourceDefinition, old: CustomResourceDefinition | undefined, faults: string[]][] = [
      ['lets it be broken in what is new', converted('x'), undefined, []],
      ['lets it be broken in what is not served yet', converted('x'), converted(TEST_CA), []],
      ['refuses to break it', converted('x'), established(converted(TEST_CA)), [fault]],
      ['refuses a broken one where none was', converted('x'), established(none), [fault]],
      ['lets a broken one stay so', converted('x'), established(converted('y')), []],
      ['takes a right one', converted(TEST_CA), established(converted(TEST_CA)), []],
    ];
    for (const [what, next, old, faults] of cases) it(what, () => assert.deepEqual(told(next, old), faults));
  });
});
