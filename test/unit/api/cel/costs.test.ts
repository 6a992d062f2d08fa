import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileExpression } from '../../../../src/api/cel/compile.ts';
import { CelBudget } from '../../../../src/api/cel/frame.ts';
import { celTypeOfSchema } from '../../../../src/api/cel/structural-type.ts';
import type { JSONSchemaProps } from '../../../../src/api/types/apiextensions-v1.gen.ts';

// Costs are part of the API: they decide which rules a cluster accepts and which requests it ends. The numbers are upstream's.

const text: JSONSchemaProps = { type: 'string' };
const number: JSONSchemaProps = { type: 'number' };
const format = (name: string): JSONSchemaProps => ({ type: 'string', format: name });
const array =
  (items: JSONSchemaProps) =>
  (max?: number): JSONSchemaProps => ({ type: 'array', items, ...(max !== undefined && { maxItems: max }) });
const map =
  (values: JSONSchemaProps) =>
  (max?: number): JSONSchemaProps => ({ type: 'object', additionalProperties: values, ...(max !== undefined && { maxProperties: max }) });
const string = (max?: number): JSONSchemaProps => ({ ...text, ...(max !== undefined && { maxLength: max }) });
const strings = (max?: number): JSONSchemaProps => array(string(max))(max);

/** The estimate without a limit in the schema, and with that one. `more` = higher than. */
type Estimate = readonly [rule: string, schema: (max?: number) => JSONSchemaProps, open: number | 'more', max: number, limited: number];
const LIMIT = 10_000_000;
const ESTIMATES: readonly Estimate[] = [
  ['self.all(x, true)', array(number), 4_718_591, 10, 32],
  ['self.all(x, true)', array(text), 3_145_727, 20, 62],
  ['self.all(x, true)', array({ type: 'boolean' }), 1_887_437, 5, 17],
  ['self.all(x, true)', array({ type: 'array', items: number }), 3_145_727, 100, 302],
  ['self.all(x, true)', map(number), 1_348_169, 10, 32],
  ['self.all(x, true)', map(text), 1_179_647, 3, 11],
  ['self.all(x, true)', map({ type: 'boolean' }), 943_718, 100, 302],
  ["self.contains('test')", string, 314_574, 10, 5],
  ["self.startsWith('test')", string, 2, 15, 2],
  ["self.endsWith('test')", string, 2, 30, 2],
  ['size(self + "hello") > size("hello")', string, 314_578, 4, 7],
  ['self[1] == 0.0', array(number), 2, 5_000, 2],
  ['self[1] == self[1]', array(text), 314_577, 8, 314_577],
  ['self.all(x, self.all(y, true))', array(number), 'more', 10, 352],
  ['self.all(x, self.all(y, self.all(z, true)))', array(number), 'more', 10, 3_552],
  ['self.matches("x")', string, 314_574, 50, 22],
  ['"".matches("(((((((((())))))))))[0-9]")', string, 7, 10, 7],
  ['self.matches("")', string, 1, 100, 1],
  ['self == "x"', string, 2, 0, 1],
  ['self.all(x, x == 0.0)', array(number), 6_291_454, 3 * 1024 * 2048, 25_165_826],
  ['self.all(x, true)', array({ 'x-kubernetes-int-or-string': true }), 4_718_591, 10, 32],
  ['self[0] == 5', array({ 'x-kubernetes-int-or-string': true }), 3, 10, 3],
  ['self[0] == false', array({ type: 'boolean' }), 2, 25, 2],
  ['self[0][0] == -1.0', array({ type: 'array', items: number }), 3, 51, 3],
  ['self.all(x, x.y == 25.2)', array({ type: 'object', additionalProperties: number }), 6_291_452, 12, 74],
  ['self[0].x > 2.0', array({ type: 'object', additionalProperties: number }), 4, 3_000, 4],
  ['self.all(x, true)', array(format('duration')), 2_359_295, 5, 17],
  ['self[0].getHours() == 2', array(format('duration')), 4, 525, 4],
  ['self.all(x, true)', array(format('date')), 725_936, 15, 47],
  ['self.all(x, true)', array(format('date-time')), 428_963, 25, 77],
  ['self[2].getMinutes() == 45', array(format('date-time')), 4, 99, 4],
  ['self.all(x, true)', map(format('date-time')), 349_526, 25, 77],
  ["self.find('[0-9]+') == ''", string, 629_147, 10, 11],
  ["self.join(' ') == 'aa bb'", strings, 329_853_068_905, 10, 43],
  ['self.isSorted() == true', strings, 329_854_432_052, 10, 52],
  ["self.lowerAscii() == 'lower!'", string, 314_575, 10, 6],
  ['self["a"] == self["b"]', map(format('date-time')), 8, 7, 8],
  ['ip(self).family() == 4', string, 314_576, 10, 7],
  ['quantity(self).isGreaterThan(quantity("1"))', string, 314_576, 10, 7],
  ['quantity(self) == quantity("1")', string, 314_576, 10, 7],
  ['isSemver(self)', string, 314_574, 10, 5],
  ['ip.isCanonical(self)', string, 629_147, 10, 9],
  ['url(self) == url("https://a")', string, 314_576, 10, 7],
  ['oldSelf.size() == self.size()', map({ type: 'integer' }), 5, 10, 5],
];

for (const [rule, schema, open, max, limited] of ESTIMATES) {
  const estimate = (given: JSONSchemaProps): number => {
    const self = celTypeOfSchema(given, { root: false });
    assert.ok(self);
    const variables = new Map([
      ['self', self],
      ['oldSelf', self],
    ]);
    return compileExpression(rule, { variables }).maxCost;
  };
  test(`maxCost of ${rule} on ${JSON.stringify(schema(max))}`, () => {
    const unlimited = estimate(schema());
    if (open === 'more') assert.ok(unlimited > LIMIT, String(unlimited));
    else assert.equal(unlimited, open);
    assert.equal(estimate(schema(max)), limited);
  });
}

const listMap: JSONSchemaProps = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['k'],
  items: { type: 'object', properties: { k: text, v: text, v2: text } },
};
const SCHEMA: JSONSchemaProps = {
  type: 'object',
  properties: {
    int: { type: 'integer' },
    str: text,
    lists: { type: 'array', items: listMap },
    listMap,
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
    set2: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
    val: { type: 'object', additionalProperties: { type: 'integer' } },
    array: { type: 'array', items: { type: 'integer' } },
    min: { 'x-kubernetes-int-or-string': true },
    current: { type: 'integer' },
    available: { type: 'integer' },
    duration: format('duration'),
    unknown: {
      type: 'array',
      items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'integer' } } },
    },
  },
};
const self = {
  int: 5,
  str: 'Rook takes 👑',
  lists: [
    [
      { k: 'a', v: '1' },
      { k: 'b', v: '2' },
    ],
    [
      { k: 'b', v: '2' },
      { k: 'a', v: '1' },
    ],
    [
      { k: 'b', v: '3' },
      { k: 'a', v: '1' },
    ],
    [{ k: 'c', v: '4' }],
  ],
  listMap: [
    { k: 'a1', v: 'b1' },
    { k: 'a2', v: 'b2' },
    { k: 'a3', v: 'b3', v2: 'z' },
  ],
  set: ['a', 'b', 'c'],
  set2: ['a', 'c', 'b'],
  val: { b: 1, d: 2 },
  array: [1, 1, 2, 2, 3, 3, 4, 5],
  min: '50%',
  current: 5,
  available: 10,
  duration: '1h2m3s4ms',
  unknown: [
    { known: 1, x: 'a' },
    { known: 1, x: 'b' },
    { known: 1, x: 'b' },
  ],
};

/** Rules that hold, and what holding them costs. */
const COUNTS: readonly (readonly [rule: string, cost: number])[] = [
  ['self.int == self.int', 5],
  ['type(self.int) == int', 4],
  ['self.int + 1 == 5 + 1', 5],
  ['double(5) < 10.0', 1],
  ['double(self.int) < 10.0', 4],
  ["self.str.startsWith('Rook')", 4],
  ["self.str.matches('^[^0-9]*$')", 8],
  ['size(self.str) == 12', 4],
  ["self.str.charAt(3) == 'k'", 4],
  ["self.str.indexOf('o') == 1", 4],
  ["self.str.replace(' ', 'x') == 'Rookxtakesx👑'", 7],
  ["self.str.split(' ') == ['Rook', 'takes', '👑']", 6],
  ["self.str.substring(4, 10).trim() == 'takes'", 6],
  ["self.str.upperAscii() == 'ROOK TAKES 👑'", 6],
  ["self.duration == duration('1h2m') + duration('3s4ms')", 4],
  ["self.str in ['Rook takes 👑', 'x']", 2],
  ['1 in self.array', 10],
  ["self.set == ['c', 'b', 'a']", 3],
  ['self.set == self.set2', 5],
  ["self.set + self.set2 == ['a', 'b', 'c']", 6],
  ["self.set + ['c', 'd'] == ['a', 'b', 'c', 'd']", 4],
  ['self.lists[0] == self.lists[1]', 7],
  ['self.lists[0] + self.lists[2] == self.lists[2]', 11],
  ['self.lists[0] == [self.lists[0][1], self.lists[0][0]]', 22],
  ['size(self.lists[0] + [self.lists[3][0]]) == 3', 20],
  ['dyn(1) < 2.5', 1],
  ['type(1) == int', 1],
  ["has({'a': 1}.a)", 1],
  ['optional.none().or(optional.none()).orValue(42) == 42', 3],
  ['!{}.?x.hasValue()', 3],
  ['has(self.val.b)', 2],
  ['!has(self.val.a)', 3],
  ['self.val.all(k, self.val[k] > 0)', 17],
  ['self.val.exists_one(k, self.val[k] == 2)', 14],
  ['!self.val.exists_one(k, self.val[k] > 0)', 17],
  ['size(self.val.filter(k, self.val[k] > 1)) == 1', 26],
  ["self.listMap.all(m, m.k.startsWith('a'))", 21],
  ["self.listMap.all(m, !has(m.v2) || m.v2 == 'z')", 21],
  ["self.listMap.exists(m, m.k.endsWith('1'))", 13],
  ["self.listMap.exists_one(m, m.k == 'a3')", 15],
  ["!self.listMap.exists(m, m.v == 'x')", 25],
  ["size(self.listMap.filter(m, m.k == 'a1')) == 1", 27],
  ["self.listMap.exists(m, m.k == 'a1' && m.v == 'b1')", 16],
  ["self.listMap.map(m, m.v).exists(v, v == 'b1')", 55],
  ["self.listMap.filter(m, has(m.v2) && m.v2 == 'z').size() == 1", 24],
  ["self.listMap.map(m, has(m.v2) && m.v2 == 'z', m.v2).size() == 1", 25],
  ["self.listMap.exists(m, m.v2 == 'z')", 24],
  ["!self.listMap.all(m, m.v2 != 'z')", 22],
  ['self.array.exists_one(e, e > 4)', 22],
  ['size(self.array.filter(e, e%2 == 0)) == 3', 68],
  ['self.array.map(e, e * 20).filter(e, e > 50).exists(e, e == 60)', 194],
  ["type(self.min) == string && self.min.matches(r'(\\d+(\\.\\d+)?%)')", 10],
  [
    "type(self.min) == int ? self.current <= self.min : double(self.current) / double(self.available) >= double(self.min.replace('%', '')) / 100.0",
    17,
  ],
  ['self.unknown[1] == self.unknown[2]', 7],
  ['self.unknown[0] != self.unknown[1]', 7],
];

const type = celTypeOfSchema(SCHEMA, { root: false });
for (const [rule, cost] of COUNTS) {
  test(`evaluate counts ${cost} for ${rule}`, () => {
    assert.ok(type);
    const budget = new CelBudget(1_000_000);
    assert.equal(compileExpression(rule, { variables: new Map([['self', type]]) }).evaluate({ self }, budget), true);
    assert.equal(1_000_000 - budget.remaining, cost);
  });
}
