import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepCopy, deepEqual, deepFreeze, setKey } from '../../../src/api/copy.ts';

test('deepCopy shares nothing, drops undefined and keeps __proto__ as data', () => {
  const original = deepFreeze({ a: [{ b: 1 }], gone: undefined, ...JSON.parse('{"__proto__":{"polluted":true}}') });
  const withProto = JSON.parse('{"__proto__":{"polluted":true},"x":[1,null]}');
  const copy = deepCopy(withProto);
  assert.deepEqual(Object.keys(copy), ['__proto__', 'x']);
  assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  const other = deepCopy(original);
  other.a[0].b = 2;
  assert.equal(original.a[0].b, 1);
  assert.ok(!('gone' in other));
});

test('deepFreeze freezes every level', () => {
  const value = deepFreeze({ a: [{ b: 1 }] });
  assert.throws(() => value.a.push({ b: 2 }), TypeError);
  assert.throws(() => {
    const [first] = value.a;
    if (first) first.b = 3;
  }, TypeError);
});

const EQUAL: [unknown, unknown, boolean][] = [
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: 1 }, { a: 1, b: null }, false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [null, {}, false],
  [{ a: { b: [1] } }, { a: { b: [1] } }, true],
  [JSON.parse('{"__proto__":1}'), {}, false],
  ['1', 1, false],
];

test('deepEqual compares JSON values', () => {
  for (const [a, b, expected] of EQUAL) assert.equal(deepEqual(a, b), expected, JSON.stringify([a, b]));
});

test('setKey never reaches a prototype', () => {
  const target: Record<string, unknown> = {};
  setKey(target, '__proto__', { polluted: true });
  assert.equal(Reflect.get({}, 'polluted'), undefined);
  assert.equal(JSON.stringify(target), '{"__proto__":{"polluted":true}}');
});
