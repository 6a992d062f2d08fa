import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PolicyRule } from '../../../../src/api/types/rbac-v1.gen.ts';
import { compactRules, covers, escalationFault, ruleAllows, ruleText } from '../../../../src/server/auth/rbac-rules.ts';

/** `verb group/resource[/sub] [name]`, or `verb url /path`. */
function request(text: string) {
  const [verb = '', what = '', name = ''] = text.split(' ');
  if (what === 'url') return { verb, path: name };
  const [group = '', resource = '', subresource = ''] = what.split('/');
  return { verb, resource: { group, version: 'v1', resource, subresource, namespace: 'ns', name } };
}

/** `verbs groups resources [names]`, comma-separated; `-` is the core group. */
function rule(text: string): PolicyRule {
  const [verbs = '', groups = '', what = '', names] = text.split(' ');
  const list = (words: string): string[] => words.split(',').map((word) => (word === '-' ? '' : word));
  if (groups === 'url') return { verbs: list(verbs), nonResourceURLs: list(what) };
  return { verbs: list(verbs), apiGroups: list(groups), resources: list(what), ...(names && { resourceNames: list(names) }) };
}

describe('ruleAllows', () => {
  for (const [rules, asked, expected] of [
    ['get - pods', 'get /pods x', true],
    ['get - pods', 'list /pods', false],
    ['get - pods', 'get apps/pods x', false],
    ['get - pods', 'get /pods/log x', false],
    ['get - pods/log', 'get /pods/log x', true],
    ['get - pods/log', 'get /pods x', false],
    ['* * *', 'delete any/things/status x', true],
    ['get - *', 'get /pods/log x', true],
    ['update * */scale', 'update apps/deployments/scale x', true],
    ['update * */scale', 'update apps/deployments x', false],
    ['update * */scale', 'update apps/deployments/status x', false],
    ['get - secrets a,b', 'get /secrets b', true],
    ['get - secrets a,b', 'get /secrets c', false],
    ['list - secrets a', 'list /secrets', false],
    ['* * *', 'get url /healthz', false],
    ['get url /healthz', 'get url /healthz', true],
    ['get url /healthz', 'get url /healthz/ping', false],
    ['get url /healthz/*', 'get url /healthz/ping', true],
    ['get url *', 'get url /metrics', true],
    ['* url /api', 'get url /apis', false],
    ['get url /healthz', 'get /pods x', false],
  ] as const) {
    it(`${rules} ${expected ? 'allows' : 'does not allow'} ${asked}`, () =>
      assert.equal(ruleAllows(rule(rules), request(asked)), expected));
  }
});

describe('covers', () => {
  for (const [held, wanted, expected] of [
    [['get,list - pods'], ['get - pods'], true],
    [['get - pods'], ['get,list - pods'], false],
    [['get - pods', 'list - pods'], ['get,list - pods'], true],
    [['get - pods', 'get - services'], ['get - pods,services'], true],
    [['* * *'], ['get,delete apps deployments/scale x'], true],
    [['get - pods'], ['get * pods'], false],
    [['get - pods'], ['get - *'], false],
    [['get - *'], ['get - pods/exec'], true],
    [['get * */scale'], ['get apps deployments/scale'], true],
    [['get - secrets a'], ['get - secrets a'], true],
    [['get - secrets a'], ['get - secrets'], false],
    [['get - secrets'], ['get - secrets a'], true],
    [['get - secrets a', 'get - secrets b'], ['get - secrets a,b'], true],
    [['get url /*'], ['get url /healthz,/metrics'], true],
    [['get url /healthz'], ['get url /*'], false],
    [['* * *'], ['get url /healthz'], false],
    [[], [], true],
  ] as const) {
    it(`${JSON.stringify(held)} ${expected ? 'covers' : 'does not cover'} ${JSON.stringify(wanted)}`, () => {
      assert.equal(covers(held.map(rule), wanted.map(rule)), expected);
    });
  }
});

describe('escalationFault', () => {
  it('names what is not held, compactly', () => {
    const fault = escalationFault(
      { name: 'jane', groups: ['dev', 'x'] },
      [rule('get - pods')],
      [rule('get,list,delete - pods'), rule('get url /a')],
    );
    assert.equal(
      fault,
      'user "jane" (groups=["dev" "x"]) is attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["pods"], Verbs:["list" "delete"]}\n{NonResourceURLs:["/a"], Verbs:["get"]}',
    );
    assert.equal(escalationFault({ name: 'jane', groups: [] }, [rule('* - *')], [rule('get - pods')]), undefined);
  });
  it('compactRules joins verbs of equal rules only', () => {
    assert.deepEqual(compactRules([rule('get - pods'), rule('get - secrets'), rule('list,get - pods')]).map(ruleText), [
      '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
      '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    ]);
  });
});
