import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tests } from '@bufbuild/cel-spec/testdata/conformance.js';
import { tests as parsing } from '@bufbuild/cel-spec/testdata/parsing.js';
import * as types from '../../../../src/api/cel/cel-type.ts';
import { compileExpression } from '../../../../src/api/cel/compile.ts';
import { celEquals } from '../../../../src/api/cel/equality.ts';
import { CelCompileError, CelEvaluationError } from '../../../../src/api/cel/errors.ts';
import { CelBudget } from '../../../../src/api/cel/frame.ts';
import { parseExpression } from '../../../../src/api/cel/syntax/parser.ts';
import { formatIssues } from '../../../../src/api/cel/syntax/source-text.ts';
import { ArrayList, CelTypeValue, CelUint, type CelValue, EntryMap } from '../../../../src/api/cel/values.ts';

// The conformance cases of the CEL specification. Left out is what Kubernetes does not have: protobuf messages and enums, containers, unchecked
// expressions, and the extensions for math, encoders, bindings and blocks.

type Json = Record<string, unknown>;
interface Case {
  readonly expr: string;
  readonly value?: Json;
  readonly typedResult?: { readonly result?: Json };
  readonly evalError?: unknown;
  readonly checkOnly?: boolean;
  readonly disableCheck?: boolean;
  readonly typeEnv?: readonly { readonly name: string; readonly ident?: { readonly type: Json } }[];
  readonly bindings?: Record<string, { readonly value: Json }>;
}
interface Suite {
  readonly name: string;
  readonly suites?: readonly Suite[];
  readonly tests?: readonly { readonly original: Case }[];
}

const NOT_IN_KUBERNETES =
  /^(math_ext|encoders_ext|block_ext|bindings_ext|enums|proto2|proto2_ext|proto3|wrappers|fields|namespace|unknowns|network_ext)$/;
const PROTOBUF = /TestAllTypes|google\.protobuf|\bcel\.|math\.|base64|Nested|NullValue|GlobalEnum|proto\./;

const casesOf = (suite: Suite): Case[] => [
  ...(suite.tests ?? []).map(({ original }) => original),
  ...(suite.suites ?? []).flatMap(casesOf),
];

const SCALARS: Record<string, (json: unknown) => CelValue> = {
  int64Value: (json) => BigInt(String(json)),
  uint64Value: (json) => new CelUint(BigInt(String(json))),
  doubleValue: Number,
  stringValue: String,
  boolValue: Boolean,
  nullValue: () => null,
  bytesValue: (json) => new Uint8Array(Buffer.from(String(json), 'base64')),
  typeValue: (json) => new CelTypeValue(String(json)),
  listValue: (json) => new ArrayList(((json as { values?: Json[] }).values ?? []).map(celValue)),
  mapValue: (json) => {
    const map = new EntryMap();
    for (const entry of (json as { entries?: { key: Json; value: Json }[] }).entries ?? [])
      map.insert(celValue(entry.key), celValue(entry.value));
    return map;
  },
};

function celValue(json: Json): CelValue {
  const [kind = '', value] = Object.entries(json)[0] ?? [];
  const make = SCALARS[kind];
  if (!make) throw new RangeError(`no such kind of value: ${kind}`);
  return make(value);
}

const PRIMITIVES: Record<string, types.CelType> = {
  INT64: types.INT,
  UINT64: types.UINT,
  DOUBLE: types.DOUBLE,
  STRING: types.STRING,
  BOOL: types.BOOL,
  BYTES: types.BYTES,
};

function typeOf(json: Json): types.CelType {
  const { primitive, listType, mapType } = json as {
    primitive?: string;
    listType?: { elemType: Json };
    mapType?: { keyType: Json; valueType: Json };
  };
  if (listType) return types.listOf(typeOf(listType.elemType));
  if (mapType) return types.mapOf(typeOf(mapType.keyType), typeOf(mapType.valueType));
  return PRIMITIVES[primitive ?? ''] ?? types.DYN;
}

/** Why a case is left out, or the error of its assertion, or nothing. */
function run(given: Case): 'refused' | undefined {
  const variables = new Map(
    (given.typeEnv ?? []).flatMap(({ name, ident }): [string, types.CelType][] => (ident ? [[name, typeOf(ident.type)]] : [])),
  );
  const values = Object.fromEntries(Object.entries(given.bindings ?? {}).map(([name, { value }]) => [name, celValue(value)]));
  const evaluate = (): CelValue => {
    const program = compileExpression(given.expr, { variables });
    return given.checkOnly ? null : program.evaluate(values, new CelBudget(1_000_000));
  };
  if (given.evalError) {
    assert.throws(evaluate, (error) => error instanceof CelEvaluationError || error instanceof CelCompileError, given.expr);
    return undefined;
  }
  let got: CelValue;
  try {
    got = evaluate();
  } catch (error) {
    // Kubernetes asks for literals of lists and maps whose items are of one type, and of `format` for items that the text takes.
    if (error instanceof CelCompileError && /expected type '.*' but found|during formatting/.test(error.message)) return 'refused';
    throw error;
  }
  const json = given.value ?? given.typedResult?.result;
  const wanted = given.checkOnly ? null : json ? celValue(json) : true;
  const same =
    typeof wanted === 'number' && Number.isNaN(wanted)
      ? Number.isNaN(got)
      : celEquals(got, wanted instanceof CelUint ? wanted.value : wanted);
  assert.ok(same, `${given.expr} gives ${String(got)}`);
  return undefined;
}

const supported = ({ expr, disableCheck, typeEnv, bindings, value }: Case): boolean =>
  !disableCheck &&
  !PROTOBUF.test(expr) &&
  (typeEnv ?? []).every(
    ({ ident }) => ident && !('messageType' in ident.type) && !('wellKnown' in ident.type) && !('wrapper' in ident.type),
  ) &&
  Object.values(bindings ?? {}).every((binding) => !('objectValue' in binding.value)) &&
  !(value && 'objectValue' in value);

for (const suite of (tests as unknown as Suite).suites ?? []) {
  if (NOT_IN_KUBERNETES.test(suite.name)) continue;
  const cases = casesOf(suite).filter(supported);
  test(`compileExpression passes the ${cases.length} conformance cases of ${suite.name}`, () => {
    const refused = cases.filter((given) => run(given) === 'refused');
    assert.ok(refused.length <= 14, `${refused.length} cases are refused`);
  });
}

/** Limits and switches that Kubernetes sets otherwise, and the macro existsOne, which it does not have. */
const OTHERWISE = /recursion|recovery|unsupported syntax '|overwrites accumulator/;
const heads = (text: string): string[] =>
  text
    .replaceAll('<input>', '')
    .split('\n')
    .filter((line) => line.startsWith('ERROR'));

test('parseExpression tells the faults that upstream tells', () => {
  const cases = ((parsing as unknown as Suite).tests ?? []) as unknown as readonly {
    original: { expr: string; error?: string };
    error?: string;
  }[];
  let told = 0;
  for (const { original, error = original.error } of cases) {
    if (!error || !/^ERROR: :/.test(error) || OTHERWISE.test(error)) continue;
    told++;
    assert.deepEqual(heads(formatIssues(original.expr, parseExpression(original.expr).issues)), heads(error), original.expr);
  }
  assert.ok(told > 40, String(told));
});
