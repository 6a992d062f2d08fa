import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generatedName, nameSuffix } from '../../../src/api/names.ts';

test('generatedName appends five letters of the alphabet and keeps to 63 characters', () => {
  let n = 0;
  const counter = (max: number): number => n++ % max;
  assert.equal(generatedName('web-', counter), 'web-bcdfg');
  assert.equal(generatedName('x'.repeat(80), counter).length, 63);
  assert.equal(
    nameSuffix((max) => max - 1),
    '99999',
  );
});
