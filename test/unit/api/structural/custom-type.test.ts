import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError } from '../../../../src/api/status-error.ts';
import { CustomType } from '../../../../src/api/structural/custom-type.ts';
import { embeddedFaults } from '../../../../src/api/structural/embedded-objects.ts';
import { hasFormat, isKnownFormat } from '../../../../src/api/structural/formats.ts';
import type { Schema } from '../../../../src/api/structural/schema.ts';

const KIND = { group: 'example.com', version: 'v1', kind: 'Widget' };

function typeOf(schema: Schema, version: object = {}): CustomType {
  const whole = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version };
  return new CustomType(KIND, whole, { namespaced: true, keepsUnknown: false });
}

const SPEC = { type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'integer', default: 1 } } } } };

describe('CustomType', () => {
  it('reads metadata by the rules of every object', () => {
    const type = typeOf(SPEC);
    const { object, warnings } = type.decode({ metadata: { name: 'x', odd: 1, labels: { a: 'b' } }, odd: 1 }, { validation: 'Warn' });
    assert.deepEqual(object, { metadata: { name: 'x', labels: { a: 'b' } } });
    assert.deepEqual(warnings, ['unknown field "metadata.odd"', 'unknown field "odd"']);
    assert.throws(
      () => type.decode({ metadata: { labels: { a: 1 } } }, { validation: 'Ignore' }),
      (error: unknown) => {
        assert.ok(error instanceof StatusError);
        assert.match(
          error.message,
          /^Widget in version "v1" cannot be handled as a Widget: json: cannot unmarshal number into Go struct field ObjectMeta\.labels of type string$/,
        );
        return error.code === 400;
      },
    );
  });

  it('reads and defaults what it has written as it is', () => {
    const type = typeOf(SPEC);
    const { object } = type.decode(
      { kind: 'Widget', apiVersion: 'example.com/v1', metadata: { name: 'x' }, spec: {} },
      { validation: 'Ignore' },
    );
    type.applyDefaults(object);
    assert.deepEqual(Reflect.get(object, 'spec'), { a: 1 });
    const stored = type.canonical(object);
    assert.deepEqual(type.decode(JSON.stringify(stored), { validation: 'Strict' }).object, stored);
    assert.deepEqual(type.canonical(stored), stored);
  });

  it('reads the metadata of embedded objects', () => {
    const schema = {
      type: 'object',
      properties: { pod: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } },
    };
    const pod = { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'x', odd: 1 }, any: {} };
    const { object, warnings } = typeOf(schema).decode({ metadata: {}, pod }, { validation: 'Warn' });
    assert.deepEqual(warnings, ['unknown field "pod.metadata.odd"']);
    assert.deepEqual(Reflect.get(object, 'pod'), { any: {}, apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } });
  });

  it('makes cells of the columns, and none of what is missing', () => {
    const columns = [
      { name: 'A', type: 'integer', jsonPath: '.spec.a' },
      { name: 'B', type: 'string', jsonPath: '.spec.b' },
      { name: 'When', type: 'date', jsonPath: '.spec.when' },
      { name: 'All', type: 'string', jsonPath: '.spec.list[*]' },
      { name: 'Odd', type: 'string', jsonPath: '.spec[' },
    ];
    const type = typeOf(SPEC, { additionalPrinterColumns: columns });
    assert.deepEqual(
      type.columns.map(({ name }) => name),
      ['Name', 'A', 'B', 'When', 'All'],
    );
    const object = { metadata: { name: 'x' }, spec: { a: 2, when: '2026-01-01T00:00:00Z', list: ['p', 'q'] } };
    assert.deepEqual(type.cells(object, Date.parse('2026-01-01T00:01:00Z')), ['x', 2, null, '60s', 'p,q']);
  });

  it('applies by the types of its schema', () => {
    const items = { type: 'object', properties: { k: { type: 'string' } } };
    const list = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items };
    const type = typeOf({ type: 'object', properties: { list, free: { 'x-kubernetes-preserve-unknown-fields': true } } }).applyType;
    assert.ok(type.kind === 'struct');
    const field = (name: string) => type.fields.get(name)?.type;
    assert.deepEqual([field('list')?.kind, field('free')?.kind, field('nothing')], ['list', 'deduced', undefined]);
  });
});

describe('embeddedFaults', () => {
  const schema = { properties: { pod: { type: 'object', 'x-kubernetes-embedded-resource': true } } };
  const told = (pod: object): string[] => embeddedFaults({ pod }, schema).map(({ field, detail }) => `${field}: ${detail}`);

  it('demands kind and apiVersion, and names that are names', () => {
    assert.deepEqual(told({}), ['pod.apiVersion: Required value', 'pod.kind: Required value']);
    assert.deepEqual(told({ kind: 'Pod', apiVersion: 'a/b/c', metadata: { name: 'a/b' } }), [
      'pod.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      `pod.metadata.name: Invalid value: "a/b": may not contain '/'`,
    ]);
    assert.deepEqual(told({ kind: 'Pod', apiVersion: 'v1' }), []);
  });
});

describe('hasFormat', () => {
  const cases: readonly [format: string, good: readonly string[], bad: readonly string[]][] = [
    ['date', ['2024-02-29'], ['2023-02-29', '2024-2-1']],
    ['date-time', ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.5+01:00'], ['2024-01-01', '2024-01-01T25:00:00Z']],
    ['duration', ['1h30m', '0', '3 days'], ['x', '1']],
    ['ipv4', ['10.0.0.1'], ['10.0.0.01', '::1']],
    ['ipv6', ['::1'], ['10.0.0.1']],
    ['cidr', ['10.0.0.0/8', '::/0'], ['10.0.0.0', '10.0.0.0/33']],
    ['uuid', ['123e4567-e89b-12d3-a456-426614174000'], ['123']],
    ['uuid4', ['123e4567-e89b-42d3-a456-426614174000'], ['123e4567-e89b-12d3-a456-426614174000']],
    ['byte', ['aGk=', ''], ['a']],
    ['mac', ['01:23:45:67:89:ab'], ['01:23']],
    ['hostname', ['a.example.com'], ['-a']],
    ['email', ['a@b.c'], ['a']],
    ['uri', ['https://a/b', '/a'], ['a b', 'x']],
    ['hexcolor', ['#fff', 'a0b1c2'], ['#ff']],
    ['isbn', ['0321751043', '978-0321751041'], ['0321751040']],
    ['creditcard', ['4111111111111111'], ['4111111111111112']],
    ['k8s-short-name', ['abc'], ['a.b']],
    ['k8s-long-name', ['a.b'], ['A']],
  ];
  for (const [format, good, bad] of cases) {
    it(`knows ${format}`, () => {
      for (const text of good) assert.equal(hasFormat(text, format), true, text);
      for (const text of bad) assert.equal(hasFormat(text, format), false, text);
    });
  }
});

describe('isKnownFormat', () => {
  it('goes by the type that the format is of', () => {
    for (const [format, type] of [
      ['date-time', 'string'],
      ['uuid', ''],
      ['int32', 'integer'],
      ['double', 'number'],
      ['k8s-short-name', 'string'],
    ] as const)
      assert.equal(isKnownFormat(format, type), true, format);
    for (const [format, type] of [
      ['date', 'object'],
      ['int32', ''],
      ['int32', 'number'],
      ['odd', 'string'],
      ['uuid', 'array'],
    ] as const)
      assert.equal(isKnownFormat(format, type), false, format);
  });
});
