import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newReader, toNumber } from '../../../src/base/protobuf-wire.ts';
import { BackwardWriter } from '../../../src/base/protobuf-writer.ts';

const written = (write: (out: BackwardWriter) => void): Buffer => {
  const out = new BackwardWriter();
  write(out);
  return out.finish();
};
const hex = (write: (out: BackwardWriter) => void): string => written(write).toString('hex');

test('BackwardWriter writes integers as varints, negative ones in ten bytes', () => {
  const cases: [number, string][] = [
    [0, '00'],
    [127, '7f'],
    [128, '8001'],
    [2 ** 31 - 1, 'ffffffff07'],
    [2 ** 31, '8080808008'],
    [Number.MAX_SAFE_INTEGER, 'ffffffffffffff0f'],
    [-1, 'ffffffffffffffffff01'],
    [-(2 ** 31), '80808080f8ffffffff01'],
    // 2⁶³ - 1 is 2⁶³ as a JavaScript number: it must not come out negative.
    [2 ** 63, 'ffffffffffffffff7f'],
    [Number.NaN, '00'],
  ];
  for (const [value, expected] of cases)
    assert.equal(
      hex((out) => out.integer(value)),
      expected,
      String(value),
    );
});

test('BackwardWriter writes what a protobuf reader reads, for any integer and text', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.string({ unit: 'grapheme', maxLength: 300 }), fc.double(), (number, text, fraction) => {
      const bytes = written((out) => {
        out.double(fraction);
        out.string(text);
        out.integer(number);
      });
      const reader = newReader(bytes);
      assert.equal(toNumber(reader.int64()), number);
      assert.equal(reader.string(), text);
      assert.equal(reader.double(), fraction);
      assert.equal(reader.pos, bytes.byteLength);
    }),
  );
});

test('BackwardWriter writes texts of any length in UTF-8, half of a pair as U+FFFD', () => {
  for (const text of [
    '',
    'a',
    'a'.repeat(24),
    'a'.repeat(25),
    'a'.repeat(127),
    'a'.repeat(128),
    'a'.repeat(70_000),
    'ü',
    '☃'.repeat(9),
    '😀',
  ]) {
    const bytes = written((out) => out.string(text));
    assert.equal(newReader(bytes).string(), text);
  }
  assert.equal(
    hex((out) => out.string('\ud800')),
    '03efbfbd',
  );
});

test('BackwardWriter writes base64 as the bytes it stands for', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from('a'), Buffer.from('ab'), Buffer.from('abc'), Buffer.alloc(5000, 7)]) {
    assert.deepEqual(Buffer.from(newReader(written((out) => out.base64(bytes.toString('base64')))).bytes()), bytes);
  }
  assert.equal(
    hex((out) => out.base64('YW\n\nI=')),
    '026162',
  );
});

test('BackwardWriter grows, and goes on in other memory after handing over', () => {
  const out = new BackwardWriter();
  for (let i = 9999; i >= 0; i--) out.string(`item ${i}`);
  const first = out.handOver(Buffer.alloc(40));
  out.string('x'.repeat(100));
  out.raw(Buffer.from('k8s\0'));
  const reader = newReader(first);
  for (let i = 0; i < 10_000; i++) assert.equal(reader.string(), `item ${i}`);
  assert.equal(reader.pos, first.byteLength);
  assert.equal(out.finish().toString('latin1'), `k8s\0${'d'}${'x'.repeat(100)}`);
});

test('BackwardWriter.lengthSince writes the length of what came after its mark', () => {
  const text = hex((out) => {
    out.raw(Buffer.from('tail'));
    const mark = out.size;
    out.raw(Buffer.alloc(300));
    out.lengthSince(mark);
  });
  assert.ok(text.startsWith('ac0200'));
});
