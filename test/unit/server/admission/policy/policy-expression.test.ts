import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CelBudget } from '../../../../../src/api/cel/frame.ts';
import { PolicyCompiler } from '../../../../../src/api/cel/policy-compiler.ts';
import {
  evaluateConditions,
  evaluateExpression,
  OutOfBudget,
  type PolicyExpression,
  policyExpression,
} from '../../../../../src/server/admission/policy/policy-expression.ts';

const compiler = new PolicyCompiler({ params: false });
const expression = (source: string): PolicyExpression => policyExpression(source, () => compiler.compile(source));
const values = { object: { a: 1 } };

test('evaluateExpression gives the value, or upstream’s text for what went wrong', () => {
  const run = (source: string): unknown => evaluateExpression(expression(source), values, new CelBudget(1_000));
  assert.deepEqual(run('object.a + 1'), { value: 2n });
  assert.deepEqual(run('object.b'), { error: "expression 'object.b' resulted in error: no such key: b" });
  assert.deepEqual(run('nope'), {
    error: "compilation error: compilation failed: ERROR: <input>:1:1: undeclared reference to 'nope' (in container '')\n | nope\n | ^",
  });
});

test('evaluateExpression ends the run when the budget is used up', () => {
  const costly = expression('[1, 2, 3].all(x, [1, 2, 3].all(y, x + y > 0))');
  assert.throws(() => evaluateExpression(costly, values, new CelBudget(20)), OutOfBudget);
});

const CONDITIONS: readonly (readonly [sources: string[], outcome: unknown])[] = [
  [[], 'matches'],
  [['true', 'object.a == 1'], 'matches'],
  [['object.b == 1', 'false'], 'no match'],
  [['object.b == 1', 'true'], { error: "expression 'object.b == 1' resulted in error: no such key: b" }],
];
for (const [sources, outcome] of CONDITIONS) {
  test(`evaluateConditions says of [${sources.join(', ')}]: ${JSON.stringify(outcome)}`, () => {
    assert.deepEqual(evaluateConditions(sources.map(expression), values, { budget: new CelBudget(1_000) }), outcome);
  });
}
