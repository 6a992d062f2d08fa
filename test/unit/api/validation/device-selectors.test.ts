import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceSelector, ResourceClaim, ResourceClaimTemplate } from '../../../../src/api/types/resource-v1.gen.ts';
import { claimExpressions, classExpressions, templateExpressions } from '../../../../src/api/validation/device-expressions.ts';
import { selectorFaults } from '../../../../src/api/validation/device-selectors.ts';

const selectors = (...expressions: string[]): DeviceSelector[] => expressions.map((expression) => ({ cel: { expression } }));
const claim = (requests: ResourceClaim['spec']['devices']): ResourceClaim =>
  ({ metadata: {}, spec: { devices: requests } }) as ResourceClaim;
const TWO = claim({
  requests: [
    { name: 'a', exactly: { deviceClassName: 'c', selectors: selectors('1', '2') } },
    {
      name: 'b',
      firstAvailable: [
        { name: 'x', deviceClassName: 'c' },
        { name: 'y', deviceClassName: 'c', selectors: selectors('3') },
      ],
    },
  ],
} as ResourceClaim['spec']['devices']);

test('claimExpressions finds those of requests and of their alternatives', () => {
  assert.deepEqual(claimExpressions(TWO), [
    { field: 'spec.devices.requests[0].exactly.selectors[0].cel.expression', expression: '1' },
    { field: 'spec.devices.requests[0].exactly.selectors[1].cel.expression', expression: '2' },
    { field: 'spec.devices.requests[1].firstAvailable[1].selectors[0].cel.expression', expression: '3' },
  ]);
});

test('templateExpressions finds them in the spec of the claim', () => {
  const template = { metadata: {}, spec: { spec: TWO.spec } } as ResourceClaimTemplate;
  assert.deepEqual(
    templateExpressions(template).map(({ field }) => field),
    claimExpressions(TWO).map(({ field }) => field.replace('spec.', 'spec.spec.')),
  );
});

test('classExpressions leaves out what breaks other rules: no CEL, too long, too many', () => {
  const found = (list: DeviceSelector[]): string[] =>
    classExpressions({ metadata: {}, spec: { selectors: list } }).map(({ expression }) => expression);
  assert.deepEqual(found([{}, ...selectors('a', '')]), ['a', '']);
  assert.deepEqual(found(selectors('x'.repeat(10_240), 'é'.repeat(5_121))), ['x'.repeat(10_240)]);
  assert.deepEqual(found(selectors(...Array.from({ length: 33 }, () => 'a'))), []);
  assert.deepEqual(classExpressions({ metadata: {}, spec: {} }), []);
});

test('selectorFaults tells what does not compile and what could cost too much', () => {
  const field = 'spec.selectors[0].cel.expression';
  const faults = (expression: string): unknown[] => selectorFaults([{ field, expression }]);
  assert.deepEqual(faults('device.driver == "a"'), []);
  assert.deepEqual(faults('device.driver'), [
    { type: 'FieldValueInvalid', field, detail: 'Invalid value: "device.driver": must evaluate to bool or the unknown type, not string' },
  ]);
  const loops = 'device.attributes.all(a, device.attributes.all(b, device.attributes.all(c, device.attributes.all(e, a == b && c == e))))';
  assert.deepEqual(faults(loops), [{ type: 'FieldValueForbidden', field, detail: 'Forbidden: too complex, exceeds cost limit' }]);
});
