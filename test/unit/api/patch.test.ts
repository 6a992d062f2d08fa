import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deepFreeze } from '../../../src/api/copy.ts';
import { applyJsonPatch } from '../../../src/api/patch/json-patch.ts';
import { applyMergePatch } from '../../../src/api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../../src/api/patch/strategic-merge-patch.ts';
import { builtinSchema } from '../../../src/api/schema/schema.ts';
import { StatusError } from '../../../src/api/status-error.ts';

/** Document, operations, result; undefined = does not apply (422). The cases of RFC 6902, appendix A, and some more. */
const JSON_PATCHES: [unknown, unknown[], unknown][] = [
  [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
  [{ foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
  [{ foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc'] }], { foo: ['bar', ['abc']] }],
  [{ baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
  [{ foo: ['a', 'b', 'c'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['a', 'c'] }],
  [{ foo: ['a', 'b', 'c'] }, [{ op: 'replace', path: '/foo/1', value: 'x' }], { foo: ['a', 'x', 'c'] }],
  [{ foo: { bar: 1 }, qux: {} }, [{ op: 'move', from: '/foo/bar', path: '/qux/thud' }], { foo: {}, qux: { thud: 1 } }],
  [{ foo: [1, 2, 3] }, [{ op: 'move', from: '/foo/0', path: '/foo/2' }], { foo: [2, 3, 1] }],
  [
    { a: { b: 1 } },
    [
      { op: 'copy', from: '/a', path: '/c' },
      { op: 'replace', path: '/c/b', value: 2 },
    ],
    { a: { b: 1 }, c: { b: 2 } },
  ],
  [{ a: 1 }, [{ op: 'test', path: '/a', value: 1 }], { a: 1 }],
  [{ a: 1 }, [{ op: 'test', path: '/b', value: null }], { a: 1 }],
  [
    { '/': 9, '~1': 10 },
    [
      { op: 'test', path: '/~01', value: 10 },
      { op: 'remove', path: '/~1' },
    ],
    { '~1': 10 },
  ],
  [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  [{ a: { b: {} } }, [{ op: 'add', path: '/a/b/__proto__', value: { x: 1 } }], { a: { b: JSON.parse('{"__proto__":{"x":1}}') } }],
  // Beyond the RFC, as upstream.
  [{ a: 1 }, [{ op: 'replace', path: '/b', value: 1 }], { a: 1, b: 1 }],
  [{ a: 1 }, [{ op: 'copy', from: '/b', path: '/c' }], { a: 1, c: null }],
  [{ a: 1 }, [{ op: 'add', path: '/b' }], { a: 1, b: null }],
  [{ a: [1, 2] }, [{ op: 'remove', path: '/a/-1' }], { a: [1] }],
  [{ a: [1] }, [{ op: 'add', path: '/a/-1', value: 2 }], { a: [1, 2] }],
  [{ a: [1] }, [{ op: 'add', path: '/a/01', value: 2 }], { a: [1, 2] }],
  [{ a: 1 }, [{ op: 'test', path: '/a', value: '1' }], undefined],
  [{ a: 1 }, [{ op: 'remove', path: '/b' }], undefined],
  [{ a: 1 }, [{ op: 'add', path: '/b/c', value: 1 }], undefined],
  [{ a: [1] }, [{ op: 'add', path: '/a/2', value: 1 }], undefined],
  [{ a: [1] }, [{ op: 'add', path: '/a/-3', value: 2 }], undefined],
  [{ a: [1] }, [{ op: 'replace', path: '/a/-', value: 2 }], undefined],
  [{ a: [1] }, [{ op: 'remove', path: '/a/1' }], undefined],
  [{ a: 1 }, [{ op: 'replace', path: '/b/c', value: 1 }], undefined],
  [{ a: {} }, [{ op: 'move', from: '/a', path: '/a/b' }], undefined],
  [{}, [{ op: 'add', path: '/toString/x', value: 1 }], undefined],
  [{}, [{ op: 'explode', path: '/a' }], undefined],
  [{}, [{ op: 'add', path: 'a', value: 1 }], undefined],
];

test('applyJsonPatch applies RFC 6902 and leaves the document as it is', () => {
  for (const [document, operations, expected] of JSON_PATCHES) {
    deepFreeze(document);
    if (expected !== undefined) assert.deepEqual(applyJsonPatch(document, deepFreeze(operations)), expected, JSON.stringify(operations));
    else assert.throws(() => applyJsonPatch(document, operations), { code: 422, reason: 'Invalid' }, JSON.stringify(operations));
  }
});

test('applyJsonPatch refuses what is no patch, and bounds work', () => {
  const refusal = (got: string) => ({ code: 400, message: `error decoding patch: json: cannot unmarshal ${got}` });
  assert.throws(() => applyJsonPatch({}, { op: 'add' }), refusal('object into Go value of type []handlers.jsonPatchOp'));
  assert.throws(() => applyJsonPatch({}, [5]), refusal('number into Go value of type handlers.jsonPatchOp'));
  assert.deepEqual(applyJsonPatch({ a: 1 }, null), { a: 1 });
  assert.throws(() => applyMergePatch({}, []), refusal('array into Go value of type map[string]interface {}'));
  assert.throws(() => applyJsonPatch({}, new Array(10_001).fill({ op: 'test', path: '', value: {} })), {
    code: 413,
    message: 'Request entity is too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  });
  const doubling = new Array(60).fill({ op: 'copy', from: '/a', path: '/a/-' });
  assert.throws(() => applyJsonPatch({ a: ['x'.repeat(100)] }, doubling), { code: 422 });
});

/** RFC 7386, appendix A. */
const MERGE_PATCHES: [unknown, unknown, unknown][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: 'b', c: null }, { a: 'b' }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  [{}, JSON.parse('{"__proto__":{"x":1}}'), JSON.parse('{"__proto__":{"x":1}}')],
];

test('applyMergePatch applies RFC 7386 and changes no input', () => {
  for (const [document, patch, expected] of MERGE_PATCHES) {
    assert.deepEqual(applyMergePatch(deepFreeze(document), deepFreeze(patch)), expected, JSON.stringify(patch));
  }
  assert.equal(Reflect.get({}, 'x'), undefined);
  for (const patch of [[], 'x', null]) assert.throws(() => applyMergePatch({}, patch), { code: 400 });
});

interface StrategicVector {
  readonly kind: string;
  readonly original: unknown;
  readonly patch: unknown;
  readonly result?: unknown;
  readonly error?: string;
}

test('applyStrategicMergePatch merges as upstream does, and changes no input', () => {
  const text = readFileSync(new URL('vectors/strategic-merge.jsonl', import.meta.url), 'utf8');
  for (const line of text.trim().split('\n')) {
    const { kind, original, patch, result, error }: StrategicVector = deepFreeze(JSON.parse(line));
    const message = builtinSchema().kind(kind === 'Deployment' ? 'apps' : '', 'v1', kind);
    assert.ok(message);
    const apply = (): unknown => applyStrategicMergePatch(original, patch, message);
    if (error === undefined) assert.deepEqual(apply(), result, line);
    else assert.throws(apply, (thrown) => thrown instanceof StatusError && thrown.code === 400 && thrown.message === error, line);
  }
});

test('applyStrategicMergePatch keeps keys as data', () => {
  const message = builtinSchema().kind('', 'v1', 'ConfigMap');
  assert.ok(message);
  const patched = applyStrategicMergePatch({ data: { a: 'b' } }, JSON.parse('{"data":{"__proto__":"x"}}'), message);
  assert.equal(JSON.stringify(patched), '{"data":{"a":"b","__proto__":"x"}}');
  assert.throws(() => applyStrategicMergePatch({}, [], message), { code: 400 });
});
