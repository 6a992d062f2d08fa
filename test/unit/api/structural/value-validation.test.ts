import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadPatterns } from '../../../../src/api/structural/patterns.ts';
import type { Schema } from '../../../../src/api/structural/schema.ts';
import { validateValue } from '../../../../src/api/structural/value-validation.ts';

const patterns = await loadPatterns();
const TEXT = { type: 'string' };
const NUMBER = { type: 'number' };

function faults(value: unknown, schema: Schema, old?: unknown): string[] {
  const before = old === undefined ? undefined : { value: { a: old } };
  const errors = validateValue(
    { a: value },
    { type: 'object', properties: { a: schema } },
    { path: '', context: { patterns }, old: before },
  );
  return errors.map(({ field, detail }) => `${field}: ${detail}`);
}

describe('validateValue tells', () => {
  const cases: readonly [what: string, schema: Schema, value: unknown, expected: readonly string[]][] = [
    ['a wrong type', { type: 'integer' }, 'x', ['a: Invalid value: "string": a in body must be of type integer: "string"']],
    [
      'a number for a text with a format',
      { type: 'string', format: 'date-time' },
      5,
      ['a: Invalid value: "int64": a in body must be of type date-time: "int64"'],
    ],
    [
      'an object for a number with a format',
      { type: 'integer', format: 'int32' },
      {},
      ['a: Invalid value: "": a in body must be of type int32: ""'],
    ],
    [
      'a text for a number with a format',
      { type: 'integer', format: 'int32' },
      'x',
      ['a: Invalid value: "string": a in body must be of type integer: "string"'],
    ],
    ['nothing of a list for a text with a format', { type: 'string', format: 'date' }, [], []],
    ['nothing of an integer for a number with a format', { type: 'number', format: 'double' }, 5, []],
    [
      'a fraction where a whole number is due',
      { type: 'integer' },
      1.5,
      ['a: Invalid value: "number": a in body must be of type integer: "number"'],
    ],
    ['nothing of a whole number where any is due', NUMBER, 1, []],
    ['null where it may not be', TEXT, null, ['a: Invalid value: "null": a in body must be of type string: "null"']],
    ['nothing of null where it may be', { ...TEXT, nullable: true }, null, []],
    [
      'a bool for an int-or-string',
      { 'x-kubernetes-int-or-string': true },
      true,
      ['a: Invalid value: "boolean": a in body must be of type integer,string: "boolean"'],
    ],
    ['a small number', { ...NUMBER, minimum: 2 }, 1, ['a: Invalid value: 1: a in body should be greater than or equal to 2']],
    ['an exclusive bound', { ...NUMBER, maximum: 2, exclusiveMaximum: true }, 2, ['a: Invalid value: 2: a in body should be less than 2']],
    [
      'a number that is no multiple',
      { ...NUMBER, multipleOf: 0.1 },
      0.25,
      ['a: Invalid value: 0.25: a in body should be a multiple of 0.1'],
    ],
    ['nothing of a multiple', { ...NUMBER, multipleOf: 0.1 }, 0.3, []],
    ['a long text by its characters', { ...TEXT, maxLength: 2 }, 'äöü', ['a: Too long: may not be more than 2 bytes']],
    ['a short text', { ...TEXT, minLength: 2 }, 'ä', ['a: Invalid value: "ä": a in body should be at least 2 chars long']],
    ['a text beside its pattern', { ...TEXT, pattern: '^a+$' }, 'b', ['a: Invalid value: "b": a in body should match \'^a+$\'']],
    [
      'a text without its format',
      { ...TEXT, format: 'date-time' },
      'x',
      ['a: Invalid value: "x": a in body must be of type date-time: "x"'],
    ],
    ['nothing of a format nobody knows', { ...TEXT, format: 'color' }, 'x', []],
    ['a value that is not one of the set', { enum: ['b', 1] }, 'c', ['a: Unsupported value: "c": supported values: "b", "1"']],
    ['a long list', { type: 'array', maxItems: 1 }, [1, 2], ['a: Too many: 2: must have at most 1 items']],
    ['a short list', { type: 'array', minItems: 1 }, [], ['a: Invalid value: 0: a in body should have at least 1 items']],
    [
      'an item',
      { type: 'array', items: TEXT },
      ['x', 1],
      ['a[1]: Invalid value: "integer": a[1] in body must be of type string: "integer"'],
    ],
    ['a missing property', { type: 'object', required: ['b'] }, {}, ['a.b: Required value']],
    ['many properties', { type: 'object', maxProperties: 1 }, { b: 1, c: 2 }, ['a: Too many: 2: must have at most 1 items']],
    [
      'a value of a map',
      { type: 'object', additionalProperties: TEXT },
      { b: 1 },
      ['a.b: Invalid value: "integer": a.b in body must be of type string: "integer"'],
    ],
    [
      'what no alternative takes, and why not the nearest one',
      { anyOf: [{ minimum: 5 }, { maximum: 1 }] },
      3,
      [
        '<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)',
        'a: Invalid value: 3: a in body should be greater than or equal to 5',
      ],
    ],
    [
      'what two alternatives take',
      { oneOf: [{ minimum: 1 }, { minimum: 2 }] },
      3,
      ['<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      'what not all take',
      { allOf: [{ minimum: 1 }, { minimum: 5 }] },
      3,
      [
        'a: Invalid value: 3: a in body should be greater than or equal to 5',
        '<nil>: Invalid value: "": "a" must validate all the schemas (allOf)',
      ],
    ],
    ['what may not be', { not: { enum: ['x'] } }, 'x', ['<nil>: Invalid value: "": "a" must not validate the schema (not)']],
    [
      'a number beyond its format',
      { type: 'integer', format: 'int32' },
      2 ** 31,
      ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in a'],
    ],
  ];
  for (const [what, schema, value, expected] of cases) it(what, () => assert.deepEqual(faults(value, schema), expected));
});

describe('validateValue with an old value', () => {
  it('lets stay what has not changed', () => {
    assert.deepEqual(faults('long', { ...TEXT, maxLength: 1 }, 'long'), []);
    assert.equal(faults('other', { ...TEXT, maxLength: 1 }, 'long').length, 1);
  });

  it('finds items of lists by their keys only', () => {
    const items = { type: 'object', properties: { k: TEXT, v: { ...NUMBER, maximum: 1 } } };
    const map: Schema = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items };
    const old = [{ k: 'x', v: 5 }];
    const now = [
      { k: 'y', v: 1 },
      { k: 'x', v: 5 },
    ];
    assert.deepEqual(faults(now, map, old), []);
    assert.equal(faults(now, { type: 'array', items }, old).length, 1);
  });
});
