import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseQuantity, Quantity, tryParseQuantity } from '../../../src/api/quantity.ts';

const CANONICAL: [string | number, string][] = [
  ['0', '0'],
  ['0Gi', '0'],
  ['100m', '100m'],
  ['1000m', '1'],
  ['0.5', '500m'],
  [0.5, '500m'],
  [2, '2'],
  ['1.5', '1500m'],
  ['1024Mi', '1Gi'],
  ['1536Mi', '1536Mi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['1000Ki', '1000Ki'],
  ['1e3', '1e3'],
  ['12e0', '12'],
  ['0.5e3', '500'],
  ['12E', '12E'],
  ['1E3', '1e3'],
  ['-1000m', '-1'],
  ['+5', '5'],
  ['.5', '500m'],
  ['5.', '5'],
  ['1n', '1n'],
  ['0.1n', '1n'],
  ['-0.1n', '-1n'],
  ['1234567k', '1234567k'],
  ['1500M', '1500M'],
  ['9223372036854775807', '9223372036854775807'],
  ['9223372036854775808', '9223372036854775808'],
  ['10Ei', '9223372036854775807'],
  ['1.0001Ki', '1024102400u'],
  ['1500.5Mi', '1536512Ki'],
  ['1e20', '100e18'],
];

test('Quantity prints the canonical form, and that form parses to the same value', () => {
  for (const [input, expected] of CANONICAL) {
    const quantity = parseQuantity(input);
    assert.equal(quantity.toString(), expected, String(input));
    assert.ok(parseQuantity(expected).equals(quantity), expected);
  }
});

test('tryParseQuantity refuses what is no quantity', () => {
  for (const text of [
    '',
    ' ',
    '1 ',
    'Gi',
    '1gi',
    '1ki',
    '1mi',
    '1K',
    '.',
    '-',
    '1e',
    '1m5',
    '1Ki3',
    '1.2.3',
    '0x10',
    'NaN',
    '1'.repeat(300),
  ]) {
    assert.equal(tryParseQuantity(text), undefined, text);
  }
  assert.throws(() => parseQuantity('1gi'), /quantities must match the regular expression/);
  assert.throws(() => parseQuantity('1K'), { message: "unable to parse quantity's suffix" });
});

test('Quantity computes exactly', () => {
  assert.equal(parseQuantity('100m').add(parseQuantity('0.2')).toString(), '300m');
  assert.equal(parseQuantity('1Gi').sub(parseQuantity('512Mi')).toString(), '512Mi');
  assert.equal(Quantity.of(0).add(parseQuantity('1Gi')).toString(), '1Gi');
  assert.equal(parseQuantity('250m').mul(3).milliValue(), 750);
  assert.equal(parseQuantity('1m').value(), 1);
  assert.equal(parseQuantity('-1m').value(), -1);
  assert.equal(parseQuantity('100u').milliValue(), 1);
  assert.equal(parseQuantity('1100u').roundUpToMilli().toString(), '2m');
  assert.ok(parseQuantity('1').compare(parseQuantity('999m')) > 0);
  assert.equal(Quantity.ofMilli(1500).toString(), '1500m');
});

test('Quantity round-trips whole numbers in every format', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }),
      fc.constantFrom('BinarySI', 'DecimalSI', 'DecimalExponent'),
      (n, format) => {
        const quantity = Quantity.of(n, format);
        assert.equal(parseQuantity(quantity.toString()).nanos, quantity.nanos);
      },
    ),
  );
});
