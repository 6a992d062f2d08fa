import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CelType, DYN, INT, listOf } from '../../../../src/api/cel/cel-type.ts';
import { compileExpression } from '../../../../src/api/cel/compile.ts';
import { CelBudget } from '../../../../src/api/cel/frame.ts';
import { toJson } from '../../../../src/api/cel/json-adapter.ts';

const variables = new Map<string, CelType>([
  ['i', INT],
  ['l', listOf(INT)],
  ['d', DYN],
]);
const values = { i: 3, l: [3, 1, 2, 1], d: ['b', 'a', 'c'] };

/** Upstream's numbers: what the expression may cost at most (`any` = without bound), and what it costs. */
const CASES: readonly (readonly [expr: string, value: unknown, maxCost: number | 'any', cost: number])[] = [
  ['[1,2,3].slice(1,3)', [2, 3], 23, 13],
  ['l.slice(1,3)', [1, 2], 14, 14],
  ['l.slice(i-2,i)', [1, 2], 'any', 17],
  ['d.slice(0,1)', ['b'], 13, 13],
  ['[[1],[2]].flatten() == [1,2]', true, 54, 14],
  ['[[[1]],[[2]]].flatten(2) == [1,2]', true, 76, 16],
  ['[[1],[2]].flatten(i) == [1,2]', true, 'any', 19],
  ['d.flatten(3) == d', true, 'any', 23],
  ['["a","b","a"].distinct().size() == 2', true, 41, 31],
  ['l.distinct() == [3,1,2]', true, 'any', 45],
  ['["b","a"].sort() == ["a","b"]', true, 41, 20],
  ['d.sort() == ["a","b","c"]', true, 'any', 3],
  ['[true,false].sort()[0]', false, 30, 21],
  ['[].sort() == []', true, 31, 11],
  ['["bb","a"].sortBy(x, x.size()) == ["a","bb"]', true, 91, 51],
  ['[{"a": 2},{"a": 1}].sortBy(x, x.a)[0].a == 1', true, 143, 54],
  ['l.sortBy(x, x % 2)', [2, 3, 1, 1], 'any', 103],
  ['lists.range(3) == [0,1,2]', true, 25, 15],
  ['lists.range(-1)', [], 11, 11],
  ['lists.range(10).map(x, x * 2).size()', 10, 173, 163],
  ['[1,2].reverse()[0] == 2', true, 25, 16],
  ['d.reverse()[0] == "c"', true, 'any', 18],
  ['l.first() == optional.of(3)', true, 4, 4],
  ['l.last().value() == 1', true, 4, 4],
  ['[].first().hasValue()', false, 12, 2],
  ['[optional.of(1), optional.none()].unwrapOpt() == [1]', true, 24, 14],
  ['optional.unwrap([optional.of(1), optional.none()]) == [1]', true, 24, 14],
];

for (const [expr, value, maxCost, cost] of CASES) {
  test(`${expr} gives what upstream gives, at its cost`, () => {
    const program = compileExpression(expr, { variables });
    const budget = new CelBudget(1_000_000);
    assert.deepEqual(toJson(program.evaluate(values, budget)), value);
    assert.equal(1_000_000 - budget.remaining, cost);
    if (maxCost === 'any') assert.ok(program.maxCost > 1e18, String(program.maxCost));
    else assert.equal(program.maxCost, maxCost);
  });
}

const FAILURES: readonly (readonly [expr: string, message: string])[] = [
  ['l.slice(2,1)', 'cannot slice(2, 1), start index must be less than or equal to end index'],
  ['l.slice(-1,1)', 'cannot slice(-1, 1), negative indexes not supported'],
  ['l.slice(0,9)', 'cannot slice(0, 9), list is length 4'],
  ['[[1]].flatten(-1)', 'level must be non-negative'],
  ['[dyn(1), dyn("a")].sort()', 'list elements must have the same type'],
  ['[dyn([1])].sort()', 'list elements must be comparable'],
  ['d.unwrapOpt()', 'no such overload: unwrapOpt(list)'],
];

for (const [expr, message] of FAILURES) {
  test(`${expr} fails as upstream`, () => {
    const program = compileExpression(expr, { variables });
    assert.throws(() => program.evaluate(values, new CelBudget(1_000_000)), { name: 'CelEvaluationError', code: 'error', message });
  });
}

test('lists too long to be compared with themselves or each other end the evaluation before they are', () => {
  for (const expr of [
    'lists.range(900000).distinct()',
    'lists.range(900000).sort()',
    'lists.range(1000).sort()',
    'sets.contains(lists.range(400000), lists.range(400000))',
  ]) {
    const program = compileExpression(expr, { variables });
    assert.throws(() => program.evaluate(values, new CelBudget(10_000_000)), { code: 'cost' }, expr);
  }
});

test('sortBy is refused where it can sort nothing', () => {
  const head = (expr: string): string => {
    try {
      compileExpression(expr, { variables });
      return '';
    } catch (error) {
      return error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    }
  };
  const only = 'sortBy can only be applied to a list, identifier, comprehension, call or select expression';
  assert.equal(head('{}.sortBy(x, x)'), `compilation failed: ERROR: <input>:1:1: ${only}`);
  assert.equal(head('l.sortBy(1, x)'), 'compilation failed: ERROR: <input>:1:10: argument is not an identifier');
  assert.match(
    head('l.sortBy(x, [x])'),
    /found no matching overload for '@sortByAssociatedKeys' applied to 'list\(int\)\.\(list\(list\(int\)\)\)'/,
  );
});
