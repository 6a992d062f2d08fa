// Bootstrap tokens: their form, when they may be used, the groups they give.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bootstrapTokenEnd, bootstrapTokenGroups, parseBootstrapToken, usableBootstrapToken } from '../../../src/api/bootstrap-token.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const token = { id: 'abcdef', secret: '0123456789abcdef' };
const secretOf = (data: Record<string, string>, rest: object = {}) => ({
  metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
  type: 'bootstrap.kubernetes.io/token',
  data: Object.fromEntries(
    Object.entries({ 'token-id': token.id, 'token-secret': token.secret, 'usage-bootstrap-authentication': 'true', ...data }).map(
      ([name, value]) => [name, Buffer.from(value).toString('base64')],
    ),
  ),
  ...rest,
});

describe('parseBootstrapToken', () => {
  it('takes a token apart', () => assert.deepEqual(parseBootstrapToken('abcdef.0123456789abcdef'), token));
  for (const text of ['', 'abcde.0123456789abcdef', 'abcdef.0123456789abcde', 'ABCDEF.0123456789abcdef', 'abcdef.0123456789abcdef.x']) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseBootstrapToken(text), undefined));
  }
});

describe('usableBootstrapToken', () => {
  const cases: readonly [string, ReturnType<typeof secretOf>, boolean][] = [
    ['one that never ends', secretOf({}), true],
    ['one that ends later', secretOf({ expiration: '2026-01-01T00:00:01Z' }), true],
    ['one that has ended', secretOf({ expiration: '2026-01-01T00:00:00Z' }), false],
    ['one in another time zone', secretOf({ expiration: '2026-01-01T01:00:00+02:00' }), false],
    ['one whose end cannot be read', secretOf({ expiration: 'soon' }), false],
    ['one for something else', secretOf({ 'usage-bootstrap-authentication': 'false' }), false],
    ['one of another type', secretOf({}, { type: 'Opaque' }), false],
    ['one under another name', secretOf({}, { metadata: { name: 'bootstrap-token-xxxxxx' } }), false],
    [
      'one that is being deleted',
      secretOf({}, { metadata: { name: 'bootstrap-token-abcdef', deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      false,
    ],
    ['one with a malformed secret', secretOf({ 'token-secret': 'short' }), false],
  ];
  for (const [name, secret, usable] of cases) {
    it(`${usable ? 'accepts' : 'refuses'} ${name}`, () =>
      assert.deepEqual(usableBootstrapToken(secret, 'authentication', NOW), usable ? token : undefined));
  }

  it('asks for the usage', () => {
    assert.equal(usableBootstrapToken(secretOf({}), 'signing', NOW), undefined);
    assert.deepEqual(usableBootstrapToken(secretOf({ 'usage-bootstrap-signing': 'true' }), 'signing', NOW), token);
  });
});

describe('bootstrapTokenGroups', () => {
  const cases: readonly [string, string[] | undefined][] = [
    ['', []],
    ['system:bootstrappers:b,system:bootstrappers:a', ['system:bootstrappers:a', 'system:bootstrappers:b']],
    ['system:masters', undefined],
    ['system:bootstrappers:', undefined],
    ['system:bootstrappers:A', undefined],
  ];
  for (const [text, groups] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(bootstrapTokenGroups(secretOf({ 'auth-extra-groups': text })), groups));
  }
});

describe('bootstrapTokenEnd', () => {
  it('is never without an expiration, and long ago with one that cannot be read', () => {
    assert.equal(bootstrapTokenEnd(secretOf({})), undefined);
    assert.equal(bootstrapTokenEnd(secretOf({ expiration: '1' })), 0);
  });
});
