import assert from 'node:assert/strict';
import { test } from 'node:test';
import { opaque } from '../../../../src/api/cel/cel-type.ts';
import { compileExpression } from '../../../../src/api/cel/compile.ts';
import { CelBudget } from '../../../../src/api/cel/frame.ts';
import { toJson } from '../../../../src/api/cel/json-adapter.ts';
import { type AccessQuestion, AuthorizerValue } from '../../../../src/api/cel/library/authorizer.ts';
import { PolicyCompiler } from '../../../../src/api/cel/policy-compiler.ts';

const NO_VARIABLES = { variables: new Map() };
const evaluate = (expr: string): unknown => toJson(compileExpression(expr, NO_VARIABLES).evaluate({}, new CelBudget(10_000_000)));

const VALUES: readonly (readonly [expr: string, value: unknown])[] = [
  // Lists and sets.
  ['[1, 2, 2].isSorted()', true],
  ['["b", "a"].isSorted()', false],
  ['[3, 1, 2].min() + [3, 1, 2].max()', 4],
  ['[1.5, 2.5].sum()', 4],
  ['[duration("1m"), duration("30s")].sum() == duration("90s")', true],
  ['["a", "b", "a"].indexOf("b")', 1],
  ['["a", "b", "a"].lastIndexOf("a")', 2],
  ['sets.contains([1, 2, 3], [3, 1])', true],
  ['sets.equivalent([1, 1, 2], [2, 1])', true],
  ['sets.intersects([1], [2])', false],
  // Regular expressions.
  ['"abc 123".find("[0-9]+")', '123'],
  ['"123 abc 456".findAll("[0-9]+")', ['123', '456']],
  ['"123 abc 456".findAll("[0-9]+", 1)', ['123']],
  ['"foobar".matches("^foo(bar)?$")', true],
  // Strings.
  ['"tacocat".substring(4)', 'cat'],
  ['"hello hello".replace("he", "we", 1)', 'wello hello'],
  ['"a,b,c".split(",", 2)', ['a', 'b,c']],
  ['["x", "y"].join("-")', 'x-y'],
  ['"%s is %d, %.2f".format(["a", 3, 1.005])', 'a is 3, 1.00'],
  ['"TacoCÆt".lowerAscii()', 'tacocÆt'],
  ['"  x\\t".trim()', 'x'],
  ['strings.quote("a\\"b\\n")', '"a\\"b\\n"'],
  // URLs.
  ['isURL("https://example.com:80/")', true],
  ['isURL("../relative")', false],
  ['url("https://[::1]:80/a b?x=1&x=2").getHostname()', '::1'],
  ['url("https://example.com:80/a b?x=1").getEscapedPath()', '/a%20b'],
  ['url("https://example.com/?k1=a&k2=b&k2=c").getQuery()', { k1: ['a'], k2: ['b', 'c'] }],
  // Addresses.
  ['isIP("::1") && !isIP("1.2.3") && !isIP("::ffff:1.2.3.4")', true],
  ['ip.isCanonical("2001:DB8::ABCD")', false],
  ['ip("127.0.0.1").isLoopback() && ip("fe80::1").isLinkLocalUnicast() && ip("224.0.0.1").isLinkLocalMulticast()', true],
  ['ip("1.2.3.4").family()', 4],
  ['string(cidr("192.168.1.5/24").masked())', '192.168.1.0/24'],
  ['cidr("192.168.0.0/24").containsCIDR("192.168.0.0/25")', true],
  ['cidr("192.168.0.0/25").containsCIDR(cidr("192.168.0.0/24"))', false],
  ['cidr("10.0.0.0/8").containsIP(ip("11.0.0.1"))', false],
  ['cidr("10.0.0.0/8").prefixLength()', 8],
  // Quantities.
  ['isQuantity("1.3G") && !isQuantity("200K")', true],
  ['quantity("50k").add(20).asInteger()', 50_020],
  ['quantity("50k").sub(quantity("20k")).compareTo(quantity("30000"))', 0],
  ['quantity("50.5").isInteger()', false],
  ['quantity("1500m").asApproximateFloat()', 1.5],
  ['sign(quantity("-1"))', -1],
  // Versions.
  ['semver("1.2.3").isLessThan(semver("1.10.0"))', true],
  ['semver("1.0.0-alpha.2").compareTo(semver("1.0.0-alpha.10"))', -1],
  ['isSemver("v1.2") || isSemver("01.2.3")', false],
  ['semver("v1.02", true).minor()', 2],
  // Formats.
  ['format.dns1123Label().validate("my-name").hasValue()', false],
  ['format.named("uuid").value().validate("x").orValue([])', ['does not match the UUID format']],
  ['format.named("none").hasValue()', false],
  ['format.dns1123LabelPrefix().validate("my-name-").hasValue()', false],
  // Times.
  ['timestamp("2026-07-01T12:00:00Z").getHours("Europe/Berlin")', 14],
  ['timestamp("2026-07-01T00:00:00.5Z") + duration("1500ms")', '2026-07-01T00:00:02Z'],
  ['string(duration("1h1.5s"))', '3601.5s'],
  // Optionals and two variables.
  ['{"a": {"b": 1}}.?a.?c.orValue(7)', 7],
  ['[?optional.none(), ?optional.of(2)]', [2]],
  ['optional.of(3).optMap(x, x * 2).value()', 6],
  ['optional.ofNonZeroValue("").or(optional.of("x")).value()', 'x'],
  ['[10, 20].transformList(i, v, i + v)', [10, 21]],
  ['{"a": 1, "b": 2}.transformMapEntry(k, v, v > 1, {k + k: v})', { bb: 2 }],
  ['{"a": 1}.all(k, v, k == "a" && v == 1)', true],
];

for (const [expr, value] of VALUES) {
  test(`compileExpression evaluates ${expr}`, () => assert.deepEqual(evaluate(expr), value));
}

const FAILURES: readonly (readonly [expr: string, message: string])[] = [
  ['1 / 0', 'division by zero'],
  ['9223372036854775807 + 1', 'integer overflow'],
  ['0u - 1u', 'unsigned integer overflow'],
  ['{"a": 1}["b"]', 'no such key: b'],
  ['[1][2]', 'index out of bounds: 2'],
  ['dyn(1).startsWith("x")', 'no such overload'],
  ['int("x")', "type conversion error from 'string' to 'int'"],
  ['optional.none().value()', 'optional.none() dereference'],
  ['quantity("1.5").asInteger()', 'cannot convert value to integer'],
  ['ip("x")', 'IP Address "x" parse error during conversion from string: ParseAddr("x"): unable to parse IP'],
  ['[].min()', 'min called on empty list'],
];

for (const [expr, message] of FAILURES) {
  test(`evaluate fails at ${expr}`, () => assert.throws(() => evaluate(expr), { name: 'CelEvaluationError', code: 'error', message }));
}

test('authorizer asks what the expression builds', () => {
  const asked: AccessQuestion[] = [];
  const authorizer = new AuthorizerValue((question) => {
    asked.push(question);
    return { allowed: question.verb === 'get', reason: 'because' };
  });
  const variables = new Map([['authorizer', opaque('kubernetes.authorization.Authorizer')]]);
  const check = (expr: string): unknown => compileExpression(expr, { variables }).evaluate({ authorizer }, new CelBudget(10_000_000));
  assert.equal(
    check('authorizer.group("apps").resource("deployments").subresource("scale").namespace("ns").name("n").check("get").allowed()'),
    true,
  );
  assert.equal(check('authorizer.serviceAccount("ns", "robot").path("/healthz").check("post").reason()'), 'because');
  assert.deepEqual(asked, [
    {
      verb: 'get',
      serviceAccount: undefined,
      resource: { group: 'apps', resource: 'deployments', subresource: 'scale', namespace: 'ns', name: 'n' },
    },
    { verb: 'post', serviceAccount: { namespace: 'ns', name: 'robot' }, path: '/healthz' },
  ]);
  assert.equal(
    check('authorizer.group("").resource("pods").labelSelector("a=b").fieldSelector("spec.nodeName=n").check("get").allowed()'),
    true,
  );
  assert.deepEqual(asked.at(-1)?.resource, {
    group: '',
    resource: 'pods',
    subresource: '',
    namespace: '',
    name: '',
    labelSelector: 'a=b',
    fieldSelector: 'spec.nodeName=n',
  });
  assert.throws(() => check('authorizer.group("").resource("pods").labelSelector("a in (").check("get").allowed()'), {
    name: 'CelEvaluationError',
  });
  assert.throws(() => check('[1, 2, 3].all(x, !authorizer.path("/").check("post").allowed())'), {
    code: 'cost',
    message: 'operation cancelled: actual cost limit exceeded',
  });
});

test('PolicyCompiler lets only the expressions of mutating policies make patches', () => {
  const source = 'jsonpatch.escapeKey("example.com/a~b")';
  const mutating = new PolicyCompiler({ params: false, patching: true });
  assert.equal(mutating.compile(source).evaluate({}, new CelBudget(100)), 'example.com~1a~0b');
  assert.equal(mutating.compile('JSONPatch{op: "add", path: "/x", value: Object.spec{a: 1}}').resultType.kind, 'object');
  const validating = new PolicyCompiler({ params: false });
  assert.throws(() => validating.compile(source), { message: /undeclared reference to 'jsonpatch'/ });
  assert.throws(() => validating.compile('Object{}'), { message: /undeclared reference to 'Object'/ });
});
