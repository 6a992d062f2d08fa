import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { scaleFaults } from '../../../../src/server/extensions/custom-scale.ts';
import { faultTexts } from '../../../support/typical-objects.ts';

const SCALE = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n', labelSelectorPath: '.status.sel' };

test('scaleFaults tells of a count or selector of another type in Go words', () => {
  const told = (n: unknown, sel?: unknown) => {
    const object = { metadata: { name: 'x' }, spec: { n }, status: { ...(sel !== undefined && { sel }) } };
    return faultTexts(scaleFaults(object as KubeObject, SCALE));
  };
  const wrong = (text: string) => [`.spec.n: Invalid value: 0: .spec.n accessor error: ${text}, expected int64`];
  assert.deepEqual(told(3), []);
  assert.deepEqual(told('x'), wrong('x is of the type string'));
  assert.deepEqual(told(false), wrong('false is of the type bool'));
  assert.deepEqual(told(0.5), wrong('0.5 is of the type float64'));
  assert.deepEqual(told({ b: 1, a: 'x' }), wrong('map[a:x b:1] is of the type map[string]interface {}'));
  assert.deepEqual(told([{}]), wrong('[map[]] is of the type []interface {}'));
  assert.deepEqual(told(1, 5), ['.status.sel: Invalid value: "": .status.sel accessor error: 5 is of the type int64, expected string']);
  assert.deepEqual(told(-1), ['.spec.n: Invalid value: -1: should be a non-negative integer']);
});
