import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dropForbiddenNulls, fillDefaults } from '../../../../src/api/structural/defaulting.ts';
import { listFaults } from '../../../../src/api/structural/list-uniqueness.ts';
import { prunedObject, UnknownFields } from '../../../../src/api/structural/pruning.ts';
import type { Schema } from '../../../../src/api/structural/schema.ts';

function prune(value: Record<string, unknown>, schema: Schema | undefined, root = false): { object: unknown; unknown: string[] } {
  const unknown = new UnknownFields();
  const object = prunedObject(value, schema, { root, unknown });
  return { object, unknown: unknown.paths };
}

const TEXT = { type: 'string' };
const KEEPS = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

describe('prunedObject', () => {
  it('leaves out what the schema does not name, and says where it was', () => {
    const schema = { properties: { a: { type: 'array', items: { properties: { b: TEXT } } } } };
    assert.deepEqual(prune({ a: [{ b: 'x', c: 1 }], d: {} }, schema), { object: { a: [{ b: 'x' }] }, unknown: ['a[0].c', 'd'] });
  });

  it('keeps what the schema keeps, but prunes what it names inside', () => {
    const schema = { ...KEEPS, properties: { a: { type: 'object', properties: { b: TEXT } } } };
    assert.deepEqual(prune({ a: { b: '', c: 1 }, z: { any: [1] } }, schema).object, { a: { b: '' }, z: { any: [1] } });
  });

  it('keeps the values of maps, pruned', () => {
    const schema = { additionalProperties: { type: 'object', properties: { b: TEXT } } };
    assert.deepEqual(prune({ x: { b: '', c: 1 } }, schema), { object: { x: { b: '' } }, unknown: ['x.c'] });
  });

  it('keeps kind, apiVersion and metadata of API objects, embedded ones too', () => {
    const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true, properties: {} };
    const object = { kind: 'A', apiVersion: 'v1', metadata: { name: 'x' } };
    assert.deepEqual(prune({ ...object, spec: { ...object, x: 1 } }, { properties: { spec: embedded } }, true), {
      object: { apiVersion: 'v1', kind: 'A', metadata: { name: 'x' }, spec: { apiVersion: 'v1', kind: 'A', metadata: { name: 'x' } } },
      unknown: ['spec.x'],
    });
    assert.deepEqual(prune(object, {}).object, {});
  });

  it('shares nothing with its input, and puts keys in order', () => {
    const inner = { b: 1, a: 2 };
    const { object } = prune({ x: inner }, KEEPS);
    assert.deepEqual(Object.keys((object as { x: object }).x), ['a', 'b']);
    assert.notEqual((object as { x: object }).x, inner);
  });

  it('treats names of prototypes as data', () => {
    const value = JSON.parse('{"__proto__":{"x":1},"constructor":1}') as Record<string, unknown>;
    assert.deepEqual(prune(value, { properties: {} }), { object: {}, unknown: ['__proto__', 'constructor'] });
  });

  it('refuses nesting without end', () => {
    let value: unknown = {};
    for (let i = 0; i < 600; i++) value = { a: value };
    assert.throws(() => prune(value as Record<string, unknown>, KEEPS), /exceeded max depth/);
  });
});

describe('fillDefaults', () => {
  const filled = (value: unknown, schema: Schema): unknown => {
    const copy = structuredClone(value);
    fillDefaults(copy, schema);
    dropForbiddenNulls(copy, schema);
    return copy;
  };
  const inner = { type: 'object', properties: { b: { type: 'integer', default: 1 } } };

  const cases: readonly [what: string, schema: Schema, value: unknown, expected: unknown][] = [
    ['fills what is missing, and what is in what it fills', { properties: { a: { ...inner, default: {} } } }, {}, { a: { b: 1 } }],
    ['does not make what has no default', { properties: { a: inner } }, {}, {}],
    [
      'fills items and values of maps',
      { properties: { a: { items: inner }, m: { additionalProperties: inner } } },
      { a: [{}], m: { x: {} } },
      { a: [{ b: 1 }], m: { x: { b: 1 } } },
    ],
    ['replaces null that may not be', { properties: { a: { type: 'integer', default: 2 } } }, { a: null }, { a: 2 }],
    ['leaves null that may be', { properties: { a: { type: 'integer', default: 2, nullable: true } } }, { a: null }, { a: null }],
    ['drops null without a default', { properties: { a: { type: 'integer' } } }, { a: null }, {}],
    ['keeps falsy values', { properties: { a: { type: 'integer', default: 2 } } }, { a: 0 }, { a: 0 }],
  ];
  for (const [what, schema, value, expected] of cases) {
    it(what, () => {
      assert.deepEqual(filled(value, schema), expected);
      assert.deepEqual(filled(filled(value, schema), schema), expected, 'a second time changes nothing');
    });
  }

  it('gives each object a default of its own', () => {
    const schema = { properties: { a: { type: 'object', default: {} } } };
    const [one, two] = [{}, {}] as [{ a?: object }, { a?: object }];
    fillDefaults(one, schema);
    fillDefaults(two, schema);
    assert.notEqual(one.a, two.a);
  });
});

describe('listFaults', () => {
  const told = (value: unknown, schema: Schema): string[] =>
    listFaults({ a: value }, { properties: { a: schema } }).map(({ field, detail }) => `${field} ${detail}`);
  const set: Schema = { type: 'array', 'x-kubernetes-list-type': 'set', items: {} };
  const map: Schema = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k', 'l'], items: {} };

  it('tells the second of equal items of a set, whatever the order of keys', () => {
    assert.deepEqual(told(['x', 'y', 'x', 'x'], set), ['a[2] Duplicate value: "x"']);
    assert.deepEqual(
      told(
        [
          { b: 1, c: 2 },
          { c: 2, b: 1 },
        ],
        set,
      ),
      ['a[1] Duplicate value: {"c":2,"b":1}'],
    );
  });

  it('tells the second of items with equal keys', () => {
    assert.deepEqual(
      told(
        [
          { k: 1, x: 1 },
          { k: 1, l: 2 },
          { k: 1, x: 2 },
        ],
        map,
      ),
      ['a[2] Duplicate value: {"k":1}'],
    );
    assert.deepEqual(told([1], map), ['a[0] Invalid value: 1: must be an object for an array of list-type map']);
  });

  it('looks into lists and maps', () => {
    assert.deepEqual(told({ m: [1, 1] }, { additionalProperties: set }), ['a[m][1] Duplicate value: 1']);
  });
});
