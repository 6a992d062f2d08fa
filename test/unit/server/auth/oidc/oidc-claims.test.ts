// From ID tokens' claims to users, by the options of kube-apiserver.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type OidcOptions, oidcUser, urlFault } from '../../../../../src/server/auth/oidc/oidc-claims.ts';

const NOW = 1_000_000;
const base: OidcOptions = { issuerUrl: 'https://idp.example', audiences: ['kts'] };
const claims = (more: object = {}): Record<string, unknown> => ({
  iss: 'https://idp.example',
  aud: 'kts',
  exp: NOW + 60,
  sub: 'eve',
  ...more,
});

describe('oidcUser', () => {
  const users: readonly [string, Partial<OidcOptions>, object, string, string[]][] = [
    ['the subject behind the issuer', {}, {}, 'https://idp.example#eve', []],
    ['a subject without prefix', { usernamePrefix: '-' }, {}, 'eve', []],
    ['a subject with a prefix', { usernamePrefix: 'oidc:' }, {}, 'oidc:eve', []],
    ['an address', { usernameClaim: 'email' }, { email: 'eve@x', email_verified: true }, 'eve@x', []],
    ['an address of which nothing is said', { usernameClaim: 'email' }, { email: 'eve@x' }, 'eve@x', []],
    ['groups', { groupsClaim: 'groups', usernamePrefix: '-' }, { groups: ['a', 'b'] }, 'eve', ['a', 'b']],
    ['one group, with a prefix', { groupsClaim: 'role', groupsPrefix: 'g:', usernamePrefix: '-' }, { role: 'a' }, 'eve', ['g:a']],
    ['no groups', { groupsClaim: 'groups', usernamePrefix: '-' }, {}, 'eve', []],
    ['one of several audiences that are meant', { usernamePrefix: '-', audiences: ['a', 'kts'] }, {}, 'eve', []],
    ['one audience of several', { usernamePrefix: '-' }, { aud: ['x', 'kts'] }, 'eve', []],
    ['required claims', { usernamePrefix: '-', requiredClaims: { hd: 'x', zone: '1' } }, { hd: 'x', zone: '1' }, 'eve', []],
    ['a token that begins in a moment', { usernamePrefix: '-' }, { nbf: NOW + 200 }, 'eve', []],
  ];
  for (const [title, options, more, name, groups] of users) {
    it(`makes a user of ${title}`, () =>
      assert.deepEqual(oidcUser(claims(more), { ...base, ...options }, NOW), { name, groups: [...groups, 'system:authenticated'] }));
  }

  const refused: readonly [Partial<OidcOptions>, object, RegExp][] = [
    [{}, { iss: 'https://idp.example/' }, /different provider/],
    [{}, { aud: 'other' }, /expected audience "kts" got "other"/],
    [{}, { aud: undefined }, /expected audience/],
    [{}, { exp: NOW }, /expired/],
    [{}, { exp: undefined }, /expired/],
    [{}, { nbf: NOW + 301 }, /not valid yet/],
    [{}, { sub: undefined }, /"sub": claim not present/],
    [{ usernameClaim: 'name' }, { name: 7 }, /"name": claim not present/],
    [{ usernameClaim: 'email' }, { email: 'eve@x', email_verified: false }, /email not verified/],
    [{ usernameClaim: 'email' }, { email: 'eve@x', email_verified: 'true' }, /email not verified/],
    [{ usernameClaim: 'email' }, { email: 'eve@x', email_verified: null }, /email not verified/],
    [{ usernameClaim: 'constructor' }, {}, /"constructor": claim not present/],
    [{ uidClaim: 'uid' }, {}, /uid claim "uid": claim not present/],
    [{ groupsClaim: 'groups' }, { groups: [1] }, /groups claim/],
    [{ requiredClaims: { hd: 'x' } }, {}, /required claim hd not present in ID token/],
    [{ requiredClaims: { hd: 'x' } }, { hd: 'y' }, /required claim hd value does not match/],
  ];
  for (const [options, more, why] of refused) {
    it(`refuses ${JSON.stringify(more)} by ${JSON.stringify(options)}`, () => {
      const result = oidcUser(claims(more), { ...base, ...options }, NOW);
      assert.equal(typeof result, 'string');
      assert.match(String(result), why);
    });
  }
});

describe('urlFault', () => {
  const cases: readonly [string, string | undefined][] = [
    ['https://idp.example/realm', undefined],
    ['idp.example', 'is no URL'],
    ['http://idp.example', `has invalid scheme ("http"), require 'https'`],
  ];
  for (const [url, fault] of cases) it(`says ${fault} of ${url}`, () => assert.equal(urlFault(url), fault));
});
