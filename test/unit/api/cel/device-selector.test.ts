import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileDeviceSelector } from '../../../../src/api/cel/device-selector.ts';
import { CelCompileError } from '../../../../src/api/cel/errors.ts';

// The numbers and texts are upstream's: they decide which classes and claims a cluster accepts.

const COSTS: readonly (readonly [expr: string, maxCost: number])[] = [
  ['true', 0],
  ['device.driver == "a"', 3],
  ['device.allowMultipleAllocations', 2],
  ['device.attributes["a"].b', 4],
  ['device.attributes["a"]["b"]', 4],
  ['device.attributes["a"].b == "x" || device.attributes["a"].b == 3', 10],
  ['device.attributes["a"].b ? true : false', 4],
  ['device.attributes["a"].b.c == 1', 5],
  ['device.attributes["a"].b.matches("^x.*$")', 18],
  ['device.attributes["a"].b.isGreaterThan(semver("1.0.0"))', 6],
  ['device.attributes["a"].b == semver("1.0.0")', 12],
  ['device.attributes["a"].b == device.attributes["a"].c', 15],
  ['device.attributes[?"a"].hasValue()', 4],
  ['"a" in device.attributes["b"]', 4],
  ['device.attributes.all(k, device.attributes[k].size() < 3)', 291],
  ['device.attributes.all(k, device.attributes[k].all(i, device.attributes[k][i] == "abc"))', 10_499],
  ['device.attributes["a"].all(k, v, v.matches("^abc$"))', 580],
  ['device.capacity["a"].b == quantity("1Gi")', 6],
  ['sign(device.capacity["a"].b) > 0', 6],
  ['device.driver.matches("^[a-z]+$")', 16],
  ['device.driver.split(".").size() > 1', 17],
  ['cel.bind(dra, device.attributes["dra.example.com"], dra.oneBool && dra.anotherBool)', 17],
  ['cel.bind(x, device.driver, x.matches("^[a-z]+$"))', 27],
  ['ip(device.driver).family() == 4', 11],
  ['quantity(device.attributes["a"].b).isGreaterThan(quantity("1"))', 13],
  ['ip.isCanonical(device.driver)', 15],
  ['url(device.driver) == url(device.driver)', 25],
];

for (const [expr, maxCost] of COSTS) {
  test(`compileDeviceSelector takes ${expr}`, () => {
    assert.equal(compileDeviceSelector(expr).maxCost, maxCost);
  });
}

test('compileDeviceSelector knows no cost of != between values of libraries, as upstream', () => {
  assert.ok(compileDeviceSelector('device.capacity["a"].b != quantity("1")').maxCost > 1e18);
});

const UNDECLARED = "undeclared reference to 'includes' (in container '')";
const FAULTS: readonly (readonly [expr: string, message: string])[] = [
  ['1', 'must evaluate to bool or the unknown type, not int'],
  ['dyn(true)', 'must evaluate to bool or the unknown type, not dyn'],
  ['null', 'must evaluate to bool or the unknown type, not null_type'],
  ['duration("1s")', 'must evaluate to bool or the unknown type, not google.protobuf.Duration'],
  ['optional.of(true)', 'must evaluate to bool or the unknown type, not optional_type(bool)'],
  ['device.attributes', 'must evaluate to bool or the unknown type, not map(string, map(string, google.protobuf.Any))'],
  ['device', 'must evaluate to bool or the unknown type, not kubernetes.DRADevice'],
  ['device.x', "compilation failed: ERROR: <input>:1:7: undefined field 'x'\n | device.x\n | ......^"],
  ['authorizer', "compilation failed: ERROR: <input>:1:1: undeclared reference to 'authorizer' (in container '')\n | authorizer\n | ^"],
  [
    'device.attributes["a"].b.all(x, x)',
    "compilation failed: ERROR: <input>:1:23: expression of type 'any' cannot be range of a comprehension (must be list, map, or dynamic)\n" +
      ` | device.attributes["a"].b.all(x, x)\n | ${'.'.repeat(22)}^`,
  ],
  [
    '[device.attributes["a"].b, true].size() == 2',
    `compilation failed: ERROR: <input>:1:28: expected type 'any' but found 'bool'\n | [device.attributes["a"].b, true].size() == 2\n | ${'.'.repeat(27)}^`,
  ],
  [
    'device.attributes["a"].b.includes("x")',
    `compilation failed: ERROR: <input>:1:34: ${UNDECLARED}\n | device.attributes["a"].b.includes("x")\n | ${'.'.repeat(33)}^`,
  ],
  [
    'cel.bind(x.y, 1, true)',
    `compilation failed: ERROR: <input>:1:11: cel.bind() variable names must be simple identifiers\n | cel.bind(x.y, 1, true)\n | ${'.'.repeat(10)}^`,
  ],
];

for (const [expr, message] of FAULTS) {
  test(`compileDeviceSelector refuses ${expr}`, () => {
    assert.throws(
      () => compileDeviceSelector(expr),
      (error) => {
        assert.ok(error instanceof CelCompileError);
        assert.equal(error.message, message);
        return true;
      },
    );
  });
}
