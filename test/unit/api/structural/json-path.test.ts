import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { followFieldPath } from '../../../../src/api/structural/field-path.ts';
import { parseJsonPath } from '../../../../src/api/structural/json-path.ts';

const OBJECT = {
  spec: { name: 'x', ports: [{ p: 1, on: true }, { p: 2 }, { p: 3 }], 'a.b': 'dot', map: { k: { v: 1 } } },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Other', status: 'False' },
    ],
  },
};

describe('parseJsonPath', () => {
  const cases: readonly [path: string, expected: readonly unknown[]][] = [
    ['.spec.name', ['x']],
    ['.spec.nothing.here', []],
    ['.spec.ports[0].p', [1]],
    ['.spec.ports[-1].p', [3]],
    ['.spec.ports[*].p', [1, 2, 3]],
    ['.spec.ports[0:2].p', [1, 2]],
    ['.spec.ports[::2].p', [1, 3]],
    ['.spec.ports[0,2].p', [1, 3]],
    ['.spec.ports[9].p', []],
    [".spec['a.b']", ['dot']],
    ['.spec.a\\.b', ['dot']],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    [".status.conditions[?(@.type!='Ready')].status", ['False']],
    ['.spec.ports[?(@.p>=2)].p', [2, 3]],
    ['.spec.ports[?(@.on)].p', [1]],
    ['.spec.ports[?(@.on==true)].p', [1]],
    ['..v', [1]],
    ['.spec.map.*.v', [1]],
    ['.constructor', []],
  ];
  for (const [path, expected] of cases) it(`follows ${path}`, () => assert.deepEqual(parseJsonPath(path).find(OBJECT), expected));

  for (const path of ['.a[', '.a[b]', 'a', '.a[?(b)]']) {
    it(`refuses ${path}`, () => assert.throws(() => parseJsonPath(path), { code: 'json-path' }));
  }
});

describe('followFieldPath', () => {
  const schema = {
    properties: {
      spec: { properties: { map: { additionalProperties: { properties: { v: { type: 'string' } } } }, 'odd.name': { type: 'integer' } } },
    },
  };
  const cases: readonly [path: string, expected: string][] = [
    [".spec.map['key'].v", 'spec.map[key].v'],
    [".spec['odd.name']", 'spec.odd.name'],
  ];
  for (const [path, expected] of cases) {
    it(`finds ${path}`, () => {
      const found = followFieldPath(path, schema, true);
      assert.equal(typeof found === 'object' && found.text, expected);
    });
  }

  it('says what is wrong with a path', () => {
    assert.equal(followFieldPath('.spec.no', schema, true), 'does not refer to a valid field');
    assert.equal(followFieldPath(".spec['odd.name']", schema, false), 'array notation is not allowed');
    assert.equal(followFieldPath('spec', schema, true), 'expected [ or . but got: spec');
    assert.equal(followFieldPath('.', schema, true), 'unexpected end of JSON path');
  });
});
