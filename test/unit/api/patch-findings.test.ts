import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goText } from '../../../src/api/codec/go-text.ts';
import { patchFindings } from '../../../src/api/patch/patch-findings.ts';

function findings(text: string, patchType: string): string[] {
  return patchFindings(text, JSON.parse(text), patchType);
}

test('a merge patch tells the keys that occur twice', () => {
  assert.deepEqual(findings('{"a":1,"b":{"c":1,"c":2},"a":2}', 'application/merge-patch+json'), [
    'duplicate field "b.c"',
    'duplicate field "a"',
  ]);
});

test('a JSON patch tells unknown members and those that occur twice, in order of the text', () => {
  const text = '[{"op":"add","path":"/a","value":1,"colour":2},{"op":"remove","op":"remove","path":"/b"}]';
  assert.deepEqual(findings(text, 'application/json-patch+json'), [
    'json patch unknown field "[0].colour"',
    'json patch duplicate field "[1].op"',
  ]);
});

test('an apply patch of JSON text tells the lines', () => {
  assert.deepEqual(findings('{"a":1,\n"a":2}', 'application/apply-patch+yaml').length, 1);
});

test('values are shown as Go shows them', () => {
  assert.equal(goText({ b: [1, 'x', null], a: { d: true } }), 'map[a:map[d:true] b:[1 x <nil>]]');
});
