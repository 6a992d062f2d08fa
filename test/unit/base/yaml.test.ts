// YAML as kts reads and writes it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatYaml, parseYaml, parseYamlDocument } from '../../../src/base/yaml.ts';

test('parseYaml reads words by its dialect', async () => {
  assert.deepEqual(await parseYaml('a: yes\nb: 0o17\n'), { a: 'yes', b: 15 });
  assert.deepEqual(await parseYaml('a: yes\nb: 017\n', '1.1'), { a: true, b: 15 });
});

test('parseYaml says in one line what is wrong and where', async () => {
  await assert.rejects(parseYaml('a: [1\nb: 2\n'), (error: { code?: string; message?: string }) => {
    assert.equal(error.code, 'yaml');
    assert.match(error.message ?? '', /^[^\n]*line 2, column 1$/);
    return true;
  });
});

test('parseYamlDocument takes the last of the keys that occur twice, and tells of them', async () => {
  const text = '\nspec:\n  foo: 1\n  foo: 2\n  "b c": 1\n  "b c": 2\n  \'d\': {x: 1, x : 2}\n';
  assert.deepEqual(await parseYamlDocument(text), {
    value: { spec: { foo: 2, 'b c': 2, d: { x: 2 } } },
    duplicates: ['line 4: key "foo" already set in map', 'line 6: key "b c" already set in map', 'line 7: key "x" already set in map'],
  });
  await assert.rejects(parseYaml(text), { code: 'yaml' });
});

test('parseYamlDocument refuses what is not YAML, whatever occurs twice', async () => {
  await assert.rejects(parseYamlDocument('a: 1\na: 2\nb: [1\nc: 2\n'), { code: 'yaml' });
});

test('parseYaml refuses a document that grows without end', async () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 8; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  await assert.rejects(parseYaml(lines.join('\n')), { code: 'yaml' });
});

test('formatYaml quotes what a reader of 1.1 would take for something else, and does not fold', async () => {
  const long = 'word '.repeat(60).trim();
  assert.equal(await formatYaml({ a: 'yes', b: long }), `a: "yes"\nb: ${long}\n`);
  assert.deepEqual(await parseYaml(await formatYaml({ a: '017', b: [null, 1.5] }), '1.1'), { a: '017', b: [null, 1.5] });
});

test('formatYaml writes what occurs twice as often as it occurs', async () => {
  const shared = { x: 1 };
  assert.equal(await formatYaml({ a: shared, b: shared }), 'a:\n  x: 1\nb:\n  x: 1\n');
});
