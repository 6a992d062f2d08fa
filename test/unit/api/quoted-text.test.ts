// Values in error messages, as upstream shows them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotedText, shownValue } from '../../../src/api/quoted-text.ts';

const CASES: readonly (readonly [text: string, quoted: string])[] = [
  ['', '""'],
  ['a b', '"a b"'],
  ['"\\', String.raw`"\"\\"`],
  ['\u0000\u0007\b\t\n\v\f\r\u001f\u007f', String.raw`"\x00\a\b\t\n\v\f\r\x1f\x7f"`],
  ['é漢😀<&>', '"é漢😀<&>"'],
  ['\u00a0\u200b\ufeff', String.raw`"\u00a0\u200b\ufeff"`],
  ['\u{e0001}', String.raw`"\U000e0001"`],
];
for (const [text, quoted] of CASES) test(`quotedText of ${JSON.stringify(text)}`, () => assert.equal(quotedText(text), quoted));

test('shownValue quotes strings and encodes the rest, with the escapes of HTML', () => {
  assert.equal(shownValue('<a>'), '"<a>"');
  assert.equal(shownValue({ a: '<&>\u2028' }), String.raw`{"a":"\u003c\u0026\u003e\u2028"}`);
  assert.equal(shownValue(3), '3');
  assert.equal(shownValue(undefined), 'null');
});
