// Semantic versions in CEL. Rules: semver.org 2.0.0; "Kubernetes CEL libraries", "Kubernetes semver library".

import { BOOL, INT, opaque } from '../cel-type.ts';
import { READ_FIRST } from '../cost/cost-models.ts';
import { failure } from '../errors.ts';
import { SEMVER } from '../opaque-types.ts';
import { fn, method, type Overload, opaqueParam, P } from '../overload.ts';
import { CelOpaque } from '../values.ts';

const FORM =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
/** Numbers of a version have 64 bits. */
const MAX_NUMBER = 2n ** 64n - 1n;

/** A version. Its build has no part in the order. */
class SemverValue extends CelOpaque {
  readonly typeName = SEMVER;
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly preRelease: readonly string[];
  constructor(numbers: readonly [bigint, bigint, bigint], preRelease: readonly string[]) {
    super();
    this.numbers = numbers;
    this.preRelease = preRelease;
  }
  equals(other: CelOpaque): boolean {
    return other instanceof SemverValue && compare(this, other) === 0;
  }
}

/** Adds what a loose version leaves out, and takes away its v and leading zeros. */
function normalized(text: string): string {
  const plain = text.startsWith('v') ? text.slice(1) : text;
  const [core = '', rest = ''] = splitCore(plain);
  const parts = core.split('.');
  if (parts.length > 3 || !parts.every((part) => /^\d+$/.test(part))) return plain;
  const numbers = [...parts, '0', '0'].slice(0, 3).map((part) => part.replace(/^0+(?=\d)/, ''));
  return numbers.join('.') + rest;
}

function splitCore(text: string): readonly [string, string] {
  const at = text.search(/[-+]/);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}

function tryParse(text: string, loose: boolean): SemverValue | undefined {
  const match = FORM.exec(loose ? normalized(text) : text);
  if (!match) return undefined;
  const numbers = [BigInt(match[1] ?? ''), BigInt(match[2] ?? ''), BigInt(match[3] ?? '')] as const;
  const preRelease = match[4]?.split('.') ?? [];
  if (numbers.some((number) => number > MAX_NUMBER) || preRelease.some((part) => /^0\d+$/.test(part))) return undefined;
  return new SemverValue(numbers, preRelease);
}

function parse(text: string, loose = false): SemverValue {
  const version = tryParse(text, loose);
  if (version) return version;
  const [core] = splitCore(text);
  const elements = core.split('.').length;
  throw failure(elements === 3 ? `Invalid character(s) found in version "${text}"` : 'No Major.Minor.Patch elements found');
}

function compare(a: SemverValue, b: SemverValue): number {
  for (const index of [0, 1, 2] as const) {
    if (a.numbers[index] !== b.numbers[index]) return a.numbers[index] < b.numbers[index] ? -1 : 1;
  }
  if (a.preRelease.length === 0 || b.preRelease.length === 0) return Math.sign(b.preRelease.length - a.preRelease.length);
  for (const [index, part] of a.preRelease.entries()) {
    const other = b.preRelease[index];
    if (other === undefined) return 1;
    const order = compareParts(part, other);
    if (order !== 0) return order;
  }
  return a.preRelease.length < b.preRelease.length ? -1 : 0;
}

/** Numbers by their value and before words; words by their characters. */
function compareParts(a: string, b: string): number {
  const [isNumber, otherIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && otherIsNumber) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  if (isNumber !== otherIsNumber) return isNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The functions of versions. */
export function semverLibrary(): readonly Overload[] {
  const self = opaqueParam<SemverValue>(SEMVER);
  const result = opaque(SEMVER);
  const loose = [P.string, P.bool] as const;
  return [
    fn('semver', { params: [P.string], result, cost: READ_FIRST }, (text) => parse(text)),
    fn('semver', { params: loose, result, cost: READ_FIRST }, parse),
    fn('isSemver', { params: [P.string], result: BOOL, cost: READ_FIRST }, (text) => tryParse(text, false) !== undefined),
    fn('isSemver', { params: loose, result: BOOL, cost: READ_FIRST }, (text, normalize) => tryParse(text, normalize) !== undefined),
    method('major', { params: [self], result: INT }, ({ numbers }) => numbers[0]),
    method('minor', { params: [self], result: INT }, ({ numbers }) => numbers[1]),
    method('patch', { params: [self], result: INT }, ({ numbers }) => numbers[2]),
    method('isGreaterThan', { params: [self, self], result: BOOL }, (a, b) => compare(a, b) > 0),
    method('isLessThan', { params: [self, self], result: BOOL }, (a, b) => compare(a, b) < 0),
    method('compareTo', { params: [self, self], result: INT }, (a, b) => BigInt(compare(a, b))),
  ];
}
