import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BOOL, type CelType, DYN, INT, listOf, STRING } from '../../../../src/api/cel/cel-type.ts';
import { compileExpression } from '../../../../src/api/cel/compile.ts';
import { CelCompileError, CelEvaluationError } from '../../../../src/api/cel/errors.ts';
import { CelBudget } from '../../../../src/api/cel/frame.ts';
import { celTypeOfMessage } from '../../../../src/api/cel/message-type.ts';
import { builtinSchema } from '../../../../src/api/schema/schema.ts';

const VARIABLES = new Map<string, CelType>([
  ['i', INT],
  ['s', STRING],
  ['l', listOf(INT)],
  ['d', DYN],
]);

const START = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

const FAULTS: readonly (readonly [expr: string, ...lines: string[]])[] = [
  ['x', "ERROR: <input>:1:1: undeclared reference to 'x' (in container '')", ' | x', ' | ^'],
  ['i == s', "ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, string)'", ' | i == s', ' | ..^'],
  ['s.size(1)', "ERROR: <input>:1:7: found no matching overload for 'size' applied to 'string.(int)'", ' | s.size(1)', ' | ......^'],
  ['l.y', "ERROR: <input>:1:2: type 'list(int)' does not support field selection", ' | l.y', ' | .^'],
  ['i && true', "ERROR: <input>:1:1: expected type 'bool' but found 'int'", ' | i && true', ' | ^'],
  ['[1, "a"]', "ERROR: <input>:1:5: expected type 'int' but found 'string'", ' | [1, "a"]', ' | ....^'],
  [
    'i.all(x, true)',
    "ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)",
    ' | i.all(x, true)',
    ' | ^',
  ],
  ['1 +', `ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting ${START}`, ' | 1 +', ' | ...^'],
  ['1 2', "ERROR: <input>:1:3: Syntax error: extraneous input '2' expecting <EOF>", ' | 1 2', ' | ..^'],
  ['has(s)', 'ERROR: <input>:1:5: invalid argument to has() macro', ' | has(s)', ' | ....^'],
  ['s.matches("(")', 'ERROR: <input>:1:11: invalid matches argument', ' | s.matches("(")', ' | ..........^'],
  ['for', 'ERROR: <input>:1:1: reserved identifier: for', ' | for', ' | ^'],
  ['true\n|| ☃x', "ERROR: <input>:2:4: Syntax error: token recognition error at: '☃'", ' | || ☃x', ' | ...＾'],
  ['{"é": y}', "ERROR: <input>:1:7: undeclared reference to 'y' (in container '')", ' | {"é": y}', ' | ..．...^'],
];

for (const [expr, ...lines] of FAULTS) {
  test(`compileExpression refuses ${JSON.stringify(expr)}`, () => {
    assert.throws(
      () => compileExpression(expr, { variables: VARIABLES }),
      (error) => {
        assert.ok(error instanceof CelCompileError);
        assert.deepEqual(error.message.split('\n'), [`compilation failed: ${lines[0]}`, ...lines.slice(1)]);
        return true;
      },
    );
  });
}

/** Expressions with the heads of all their faults, as `column: message`. */
const SEVERAL_FAULTS: readonly (readonly [expr: string, ...heads: string[]])[] = [
  ['has(i) && has(s)', '5: invalid argument to has() macro', '15: invalid argument to has() macro'],
  ['has(i) && 1 +', '5: invalid argument to has() macro', `14: Syntax error: mismatched input '<EOF>' expecting ${START}`],
  ['has(i', '5: invalid argument to has() macro', "6: Syntax error: missing ')' at '<EOF>'"],
  ['l.all(1, x) + (s', '7: argument must be a simple name', "17: Syntax error: missing ')' at '<EOF>'"],
  ['a ? : c', `5: Syntax error: extraneous input ':' expecting ${START}`, "8: Syntax error: mismatched input '<EOF>' expecting ':'"],
  [
    '1 + + 2 - * 3',
    `5: Syntax error: extraneous input '+' expecting ${START}`,
    `11: Syntax error: extraneous input '*' expecting ${START}`,
  ],
  ['l.all(x x > 0)', "9: Syntax error: mismatched input 'x' expecting ')'", "14: Syntax error: extraneous input ')' expecting <EOF>"],
  ['i = 1', "3: Syntax error: token recognition error at: '= '", "5: Syntax error: extraneous input '1' expecting <EOF>"],
  ['if (i > 1) true else false', '1: reserved identifier: if', "12: Syntax error: mismatched input 'true' expecting <EOF>"],
  [
    's == "\\d" && s',
    "6: Syntax error: token recognition error at: '\"\\d'",
    "9: Syntax error: token recognition error at: '\" && s'",
    `15: Syntax error: mismatched input '<EOF>' expecting ${START}`,
  ],
  ['{"a" 1, "b": }', "6: Syntax error: missing ':' at '1'", `14: Syntax error: mismatched input '}' expecting ${START}`],
  ['-', "2: Syntax error: no viable alternative at input '-'", `2: Syntax error: mismatched input '<EOF>' expecting ${START}`],
  ['', `0: Syntax error: mismatched input '<EOF>' expecting ${START}`],
  ['x + y{z: 1}', "1: undeclared reference to 'x' (in container '')", "6: undeclared reference to 'y' (in container '')"],
  [
    'x * map',
    "1: undeclared reference to 'x' (in container '')",
    "3: found no matching overload for '_*_' applied to '(!error!, type(map(dyn, dyn)))'",
  ],
  [
    'l.existsOne(x, x == 1)',
    "12: undeclared reference to 'existsOne' (in container '')",
    "13: undeclared reference to 'x' (in container '')",
    "16: undeclared reference to 'x' (in container '')",
  ],
  ['"%d".format(["a"])', '14: error during formatting: decimal clause can only be used on integers, was given string'],
  [
    '"%s".format([[optional.of(1)]])',
    '26: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given optional_type',
  ],
  ['"%a".format([1])', '12: could not parse formatting clause: unrecognized formatting clause "a"'],
  ['"%d %d".format([1])', '15: index 1 out of range'],
  ['"%%".format([1])', '12: too many arguments supplied to string.format (expected 0, got 1)'],
  ['"%".format([1])', '11: unexpected end of string'],
  ['{1: "a", "b": 2}', "10: expected type 'int' but found 'string'", "15: expected type 'string' but found 'int'"],
];

for (const [expr, ...heads] of SEVERAL_FAULTS) {
  test(`compileExpression tells all faults of ${JSON.stringify(expr)}`, () => {
    assert.throws(
      () => compileExpression(expr, { variables: VARIABLES }),
      (error) => {
        assert.ok(error instanceof CelCompileError);
        const told = error.faults.split('\n').filter((line) => line.startsWith('ERROR'));
        assert.deepEqual(
          told,
          heads.map((head) => `ERROR: <input>:1:${head}`),
        );
        return true;
      },
    );
  });
}

test('compileExpression gives up after thirty attempts to read on', () => {
  const source = Array.from({ length: 40 }, () => '(1 2)').join(' + ');
  assert.throws(() => compileExpression(source, { variables: VARIABLES }), {
    message: /(.*extraneous input '2' expecting '\)'\n.*\n.*\n){30}.*error recovery attempt limit exceeded: 30\n.*\n.*$/,
  });
});

test('compileExpression tells all undeclared names in their order', () => {
  assert.throws(() => compileExpression('b + a', { variables: new Map() }), {
    message:
      "compilation failed: ERROR: <input>:1:1: undeclared reference to 'b' (in container '')\n | b + a\n | ^\n" +
      "ERROR: <input>:1:5: undeclared reference to 'a' (in container '')\n | b + a\n | ....^",
  });
});

test('compileExpression refuses results of other types', () => {
  const variables = VARIABLES;
  assert.throws(() => compileExpression('i', { variables, results: [BOOL] }), {
    message: 'must evaluate to bool but got int',
    wrongResult: true,
  });
  assert.throws(() => compileExpression('l', { variables, results: [BOOL, STRING] }), {
    message: 'must evaluate to one of [bool string] but got list(int)',
  });
  assert.throws(() => compileExpression('d', { variables, results: [BOOL] }), { message: 'must evaluate to bool but got dyn' });
  assert.equal(compileExpression('d == 1', { variables, results: [BOOL] }).resultType.kind, 'bool');
});

test('compileExpression refuses nesting that would exhaust the stack', () => {
  const deep = (depth: number): string => `${'('.repeat(depth)}1${')'.repeat(depth)}`;
  assert.throws(() => compileExpression(deep(10_000), { variables: VARIABLES }), { name: 'CelCompileError' });
  assert.equal(compileExpression(deep(50), { variables: VARIABLES }).evaluate({}, new CelBudget(10)), 1n);
  const chain = Array.from({ length: 2_000 }, () => 'true').join(' && ');
  assert.equal(compileExpression(chain, { variables: VARIABLES }).evaluate({}, new CelBudget(10)), true);
});

test('uses names the declared variables of an expression, not its local ones', () => {
  const { uses } = compileExpression('l.exists(i, i > 1) && s == "x"', { variables: VARIABLES });
  assert.deepEqual([...uses].sort(), ['l', 's']);
});

test('evaluate makes a variable once, and only when it is used', () => {
  let made = 0;
  const program = compileExpression('i > 0 || d.x + d.x == "aa"', { variables: VARIABLES });
  const d = (): unknown => {
    made++;
    return { x: 'a' };
  };
  assert.equal(program.evaluate({ i: 1, d }, new CelBudget(100)), true);
  assert.equal(made, 0);
  assert.equal(program.evaluate({ i: 0, d }, new CelBudget(100)), true);
  assert.equal(made, 1);
});

test('evaluate takes its cost from the budget and stops where it ends', () => {
  const program = compileExpression('l.map(x, x + 1).size()', { variables: VARIABLES });
  const budget = new CelBudget(200);
  assert.equal(program.evaluate({ l: [1, 2, 3] }, budget), 3n);
  const left = budget.remaining;
  assert.ok(left > 100 && left < 160, String(left));
  assert.throws(() => program.evaluate({ l: Array.from({ length: 100 }, (_, index) => index) }, budget), { code: 'cost' });
  assert.ok(budget.remaining <= 0);
});

test('evaluate stops one expression at the limit of one evaluation', () => {
  const program = compileExpression('l.all(x, l.all(y, l.all(z, x + y + z >= 0)))', { variables: VARIABLES });
  const budget = new CelBudget(100_000_000);
  assert.throws(() => program.evaluate({ l: Array.from({ length: 1_000 }, (_, index) => index) }, budget), { code: 'cost' });
  assert.ok(budget.remaining > 98_000_000);
});

test('evaluate lets && and || decide where one side fails', () => {
  const evaluate = (expr: string): unknown =>
    compileExpression(expr, { variables: VARIABLES }).evaluate({ d: {}, l: [0, 1] }, new CelBudget(1_000));
  assert.equal(evaluate('d.x == 1 || true'), true);
  assert.equal(evaluate('d.x == 1 && false'), false);
  assert.equal(evaluate('l.exists(x, 1 / x == 1)'), true);
  assert.throws(() => evaluate('l.all(x, 1 / x == 1)'), { message: 'division by zero' });
});

test('celTypeOfMessage knows the fields of a kind', () => {
  const message = builtinSchema().kind('apps', 'v1', 'Deployment');
  assert.ok(message);
  const variables = new Map<string, CelType>([['object', celTypeOfMessage(message)]]);
  const type = (expr: string): string => compileExpression(expr, { variables }).resultType.kind;
  assert.equal(type('object.spec.replicas'), 'int');
  assert.equal(type('object.metadata.creationTimestamp'), 'timestamp');
  assert.equal(type('object.metadata.labels.all(k, k != "")'), 'bool');
  assert.equal(type('object.spec.template.spec.containers[0].resources.limits'), 'map');
  assert.equal(type('object.kind'), 'string');
  assert.equal(type('object.metadata.__namespace__'), 'string');
  assert.throws(() => type('object.spec.nope'), { message: /undefined field 'nope'/ });
});

test('compileExpression and evaluate fail in no other way than theirs, whatever they are given', () => {
  const words =
    'd l s i x . ( ) [ ] { } , : ? + - * / % == != < in && || ! 1 0u 1.5 "a" b"b" true null size all map has optional.of .? [? matches'.split(
      ' ',
    );
  const soup = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words), { maxLength: 14 }).map((parts) => parts.join(' ')),
  );
  fc.assert(
    fc.property(soup, fc.jsonValue(), (source, d) => {
      try {
        compileExpression(source, { variables: VARIABLES }).evaluate({ d, l: [1], s: 'x', i: 1 }, new CelBudget(10_000));
      } catch (error) {
        assert.ok(error instanceof CelCompileError || error instanceof CelEvaluationError, `${source}: ${String(error)}`);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('compileExpression refuses chains that would exhaust the stack', () => {
  for (const source of [
    `d${'.x'.repeat(20_000)}`,
    `1${' + 1'.repeat(10_000)}`,
    `d${'[0]'.repeat(10_000)}`,
    `${'!'.repeat(50_000)}true`.slice(0, 50_001),
  ]) {
    assert.throws(() => compileExpression(source, { variables: VARIABLES }), { name: 'CelCompileError' });
  }
});
