import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLabelSelector, formatRequirements, labelSelectorMatcher, parseLabelSelector } from '../../../src/api/labels.ts';
import { hasReason } from '../../../src/api/status-error.ts';

const WEB = { app: 'web', tier: 'front', 'example.com/size': '10' };

const MATCHES: [string, Record<string, string> | undefined, boolean][] = [
  ['', undefined, true],
  ['app=web', WEB, true],
  ['app==web', WEB, true],
  ['app = web , tier = front', WEB, true],
  ['app=db', WEB, false],
  ['app!=db', WEB, true],
  ['missing!=x', WEB, true],
  ['app in (web,db)', WEB, true],
  ['app in (db)', WEB, false],
  ['app notin (db, web)', WEB, false],
  ['missing notin (a)', undefined, true],
  ['app', WEB, true],
  ['missing', WEB, false],
  ['!missing', WEB, true],
  ['! app', WEB, false],
  ['example.com/size>9', WEB, true],
  ['example.com/size<9', WEB, false],
  ['app>9', WEB, false],
  ['empty=', { empty: '' }, true],
  ['empty=,app', { empty: '', app: 'x' }, true],
  ['toString', WEB, false],
  ['app in (,web)', { app: '' }, true],
];

test('parseLabelSelector matches as documented', () => {
  for (const [selector, labels, expected] of MATCHES) {
    assert.equal(parseLabelSelector(selector).matches(labels), expected, selector);
  }
});

test('parseLabelSelector refuses bad selectors with BadRequest', () => {
  for (const selector of [
    'a b',
    ',a',
    'a,',
    'a in b',
    'a in (b',
    '=b',
    'a=b=c',
    '-a',
    'a=-b',
    'a/b/c',
    '/a',
    'A.com/x',
    'a>x',
    '!',
    `a=${'x'.repeat(64)}`,
  ]) {
    assert.throws(
      () => parseLabelSelector(selector),
      (error) => hasReason(error, 'BadRequest'),
      selector,
    );
  }
});

test('labelSelectorMatcher: absent matches nothing, empty everything', () => {
  assert.equal(labelSelectorMatcher(undefined).matches(WEB), false);
  assert.equal(labelSelectorMatcher({}).matches(undefined), true);
  const selector = { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['back'] }] };
  assert.equal(labelSelectorMatcher(selector).matches(WEB), true);
  assert.equal(labelSelectorMatcher(selector).matches({ app: 'web', tier: 'back' }), false);
  assert.equal(formatLabelSelector(selector), 'app=web,tier notin (back)');
  assert.equal(formatLabelSelector(undefined), '<none>');
});

test('formatRequirements round-trips', () => {
  const text = '!d,a=1,b!=2,c in (x,y),e>3,f';
  assert.equal(formatRequirements(parseLabelSelector(text).requirements), 'a=1,b!=2,c in (x,y),!d,e>3,f');
});

/** Selector, and what upstream says of it. */
const TEXTS: [string, string][] = [
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  [',a', "found ',', expected: !, identifier, or 'end of string'"],
  ['a,', "found '', expected: identifier after ','"],
  ['a in b', "unable to parse requirement: found 'b' expected: '('"],
  ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['=b', "found '=', expected: !, identifier, or 'end of string'"],
  ['a=b=c', "found '=', expected: ',' or 'end of string'"],
  ['a>x', `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`],
  ['!', "unable to parse requirement: found '', expected: identifier"],
  ['/a', 'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty'],
];

test('parseLabelSelector says what is wrong in the words of upstream', () => {
  for (const [selector, message] of TEXTS) assert.throws(() => parseLabelSelector(selector), { message }, selector);
});
