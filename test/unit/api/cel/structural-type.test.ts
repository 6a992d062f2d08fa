import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileExpression } from '../../../../src/api/cel/compile.ts';
import { CelBudget } from '../../../../src/api/cel/frame.ts';
import { toJson } from '../../../../src/api/cel/json-adapter.ts';
import { celTypeOfSchema } from '../../../../src/api/cel/structural-type.ts';
import type { JSONSchemaProps } from '../../../../src/api/types/apiextensions-v1.gen.ts';

const SCHEMA: JSONSchemaProps = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['replicas'],
      properties: {
        replicas: { type: 'integer' },
        ratio: { type: 'number' },
        name: { type: 'string', maxLength: 10 },
        color: { type: 'string', enum: ['red', 'green'] },
        'dash-ed': { type: 'string' },
        'dot.ted/slash': { type: 'string' },
        __under: { type: 'string' },
        namespace: { type: 'string' },
        when: { type: 'string', format: 'date-time' },
        wait: { type: 'string', format: 'duration' },
        blob: { type: 'string', format: 'byte' },
        port: { 'x-kubernetes-int-or-string': true },
        tags: { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 5 } },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        anything: { 'x-kubernetes-preserve-unknown-fields': true },
        list: { type: 'array' },
      },
    },
  },
};
const OBJECT = {
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'web' },
  spec: {
    replicas: 3,
    ratio: 2,
    name: 'n',
    'dash-ed': 'd',
    'dot.ted/slash': 's',
    __under: 'u',
    namespace: 'ns',
    when: '2026-01-02T03:04:05Z',
    wait: '90s',
    blob: 'aGk=',
    port: 'http',
    tags: ['a', 'b'],
    labels: { 'a.b/c': 'x' },
    free: { a: 1 },
    color: null,
  },
};

const self = celTypeOfSchema(SCHEMA, { root: true });
assert.ok(self);
const variables = new Map([['self', self]]);
const evaluate = (expr: string): unknown =>
  toJson(compileExpression(expr, { variables }).evaluate({ self: OBJECT }, new CelBudget(1_000_000)));

const VALUES: readonly (readonly [expr: string, value: unknown])[] = [
  ['self.metadata.name + self.kind', 'webThing'],
  ['self.spec.replicas + 1', 4],
  ['self.spec.ratio / 4.0', 0.5],
  ['self.spec.when.getFullYear()', 2026],
  ['self.spec.wait > duration("1m")', true],
  ['string(self.spec.blob)', 'hi'],
  ['type(self.spec.port) == string && self.spec.port == "http"', true],
  ['self.spec.tags.map(t, t + "!")', ['a!', 'b!']],
  ['self.spec.labels["a.b/c"]', 'x'],
  ['has(self.spec.color)', false],
  ['has(self.spec.name)', true],
];

for (const [expr, value] of VALUES) {
  test(`celTypeOfSchema lets ${expr} see the object`, () => assert.deepEqual(evaluate(expr), value));
}

const NAMES: readonly (readonly [name: string, value: string])[] = [
  ['dash__dash__ed', 'd'],
  ['dot__dot__ted__slash__slash', 's'],
  ['__underscores__under', 'u'],
  ['__namespace__', 'ns'],
];

for (const [name, value] of NAMES) {
  test(`celTypeOfSchema escapes a field's name as ${name}`, () => assert.equal(evaluate(`self.spec.${name}`), value));
}

for (const name of ['anything', 'list', 'none']) {
  test(`celTypeOfSchema hides the field ${name}`, () => {
    assert.throws(() => evaluate(`has(self.spec.${name})`), { message: new RegExp(`undefined field '${name}'`) });
  });
}

const COSTS: readonly (readonly [expr: string, cost: number])[] = [
  ['self.spec.replicas > 1', 4],
  ['self.spec.name == "x"', 4],
  ['self.spec.name.contains("x")', 7],
  ['self.spec.tags.all(t, t == "x")', 54],
  ['self.spec.tags.exists(t, t.startsWith("x"))', 64],
  ['self.spec.color.matches("^a$")', 4],
  ['has(self.spec.name)', 2],
];

for (const [expr, cost] of COSTS) {
  test(`maxCost of ${expr} follows from the schema's limits`, () => assert.equal(compileExpression(expr, { variables }).maxCost, cost));
}

test('maxCost of a loop without a limit is bounded by the largest request', () => {
  const unlimited = celTypeOfSchema({ type: 'array', items: { type: 'string' } }, { root: false });
  assert.ok(unlimited);
  const { maxCost } = compileExpression('self.all(x, x.contains("a"))', { variables: new Map([['self', unlimited]]) });
  assert.ok(maxCost > 1e11 && maxCost < 1e12, String(maxCost));
});
