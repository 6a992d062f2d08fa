import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecodeError } from '../../../src/api/codec/errors.ts';
import { duplicateKeys, formatPath, parseJson } from '../../../src/api/codec/json-text.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('duplicateKeys accepts exactly what is JSON', () => {
  const mutated = fc.tuple(
    fc.json({ maxDepth: 4 }),
    fc.nat(200),
    fc.constantFrom('', '"', '{', '}', ',', ':', '0', '\\', '\n', 'e', '-', '.'),
  );
  fc.assert(
    fc.property(mutated, ([json, position, insert]) => {
      const at = position % (json.length + 1);
      const text = json.slice(0, at) + insert + json.slice(at + (insert === '' ? 1 : 0));
      if (isJson(text)) duplicateKeys(text);
      else assert.throws(() => duplicateKeys(text), DecodeError, text);
    }),
    { numRuns: 2000 },
  );
});

test('duplicateKeys names each repeated key by its path once', () => {
  assert.deepEqual(duplicateKeys('{"a":1,"b":{"c":1,"c":2,"c":3},"d":[{},{"x":1,"x":1}],"a":2}'), ['b.c', 'd[1].x', 'a']);
  assert.deepEqual(duplicateKeys('{"a":"{\\"b\\":1,\\"b\\":2}"}'), []);
  assert.equal(duplicateKeys(`{${Array.from({ length: 300 }, (_, i) => `"k${i}":1,"k${i}":2`).join(',')}}`).length, 100);
});

test('parseJson tells syntax errors as upstream does', () => {
  assert.throws(() => parseJson('{"a":"\n"}'), { code: 'syntax', message: "invalid character '\\n' in string literal" });
  assert.throws(() => parseJson('-'), { code: 'syntax', message: 'unexpected end of JSON input' });
  assert.deepEqual(parseJson(' {"a":[1,null]} '), { a: [1, null] });
});

test('formatPath joins keys and indexes', () => {
  assert.equal(formatPath(['spec', 'containers', 0, 'name']), 'spec.containers[0].name');
});
