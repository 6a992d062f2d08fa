import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTrue } from '../../../src/api/query-flag.ts';

test('isTrue takes what clients of any language write: Go true, Python True, a bare parameter', () => {
  const cases: [text: string | null, on: boolean][] = [
    ['true', true],
    ['True', true],
    ['1', true],
    ['', true],
    [null, false],
    ['false', false],
    ['False', false],
    ['0', false],
  ];
  for (const [text, on] of cases) assert.equal(isTrue(text), on, String(text));
});
