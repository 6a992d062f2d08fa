// Users made of claims by expressions, as an AuthenticationConfiguration has them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { UserInfo } from '../../../../../src/client/api-backend.ts';
import { authenticationConfiguration } from '../../../../../src/server/auth/oidc/authentication-configuration.ts';
import { oidcUser } from '../../../../../src/server/auth/oidc/oidc-claims.ts';

const NOW = 1_000_000;
const claims = { iss: 'https://idp.example', aud: 'kts', exp: NOW + 60, sub: 'eve', roles: 'a,b', level: 7, nested: { tags: ['x', ''] } };

/** The user by an issuer with those settings, or why there is none. */
async function user(settings: object, more: object = {}): Promise<UserInfo | string> {
  const { issuers } = await authenticationConfiguration(
    {
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthenticationConfiguration',
      jwt: [
        {
          issuer: { url: 'https://idp.example', audiences: ['kts'] },
          claimMappings: { username: { expression: 'claims.sub' } },
          ...settings,
        },
      ],
    },
    { disallowedIssuers: [] },
  );
  const [issuer] = issuers;
  assert.ok(issuer);
  return oidcUser({ ...claims, ...more }, issuer, NOW);
}

const mapped = (mappings: object, more: object = {}): Promise<UserInfo | string> =>
  user({ claimMappings: { username: { expression: 'claims.sub' }, ...mappings } }, more);

describe('claimMapper', () => {
  it('makes all parts of a user by expressions', async () => {
    const mappings = {
      username: { expression: '"oidc:" + claims.sub' },
      groups: { expression: 'claims.roles.split(",")' },
      uid: { expression: 'string(claims.level)' },
      extra: [
        { key: 'example.com/tags', valueExpression: 'claims.nested.tags' },
        { key: 'example.com/level', valueExpression: 'claims.level > 5 ? "high" : ""' },
        { key: 'example.com/none', valueExpression: 'claims.level > 9 ? "high" : ""' },
      ],
    };
    assert.deepEqual(await mapped(mappings), {
      name: 'oidc:eve',
      groups: ['a', 'b', 'system:authenticated'],
      uid: '7',
      extra: { 'example.com/tags': ['x'], 'example.com/level': ['high'] },
    });
  });

  const groups: readonly [string, string[]][] = [
    ['claims.sub', ['eve']],
    ['""', []],
    ['null', []],
    ['["a", "", "b"]', ['a', 'b']],
    ['["system:authenticated"]', []],
  ];
  for (const [expression, expected] of groups) {
    it(`takes the groups of ${expression}`, async () =>
      assert.deepEqual(await mapped({ groups: { expression } }), { name: 'eve', groups: [...expected, 'system:authenticated'] }));
  }

  const refused: readonly [object, RegExp][] = [
    [
      { username: { expression: 'claims.level' } },
      /^oidc: error evaluating username claim expression: username claim expression must return a string$/,
    ],
    [{ username: { expression: 'claims.nobody' } }, /expression 'claims\.nobody' resulted in error: no such key: nobody$/],
    [{ username: { expression: '""' } }, /^oidc: empty username via CEL expression is not allowed$/],
    [{ uid: { expression: 'claims.level' } }, /uid claim expression must return a string$/],
    [{ groups: { expression: 'claims.level' } }, /group claim expression: expression must return a string or a list of strings$/],
    [{ groups: { expression: '[1]' } }, /expression must return a string or a list of strings$/],
    [{ extra: [{ key: 'example.com/x', valueExpression: 'claims.nested' }] }, /expression must return a string or a list of strings$/],
    [
      {
        username: {
          expression:
            'string([0,1,2,3,4,5,6,7,8,9].all(a, [0,1,2,3,4,5,6,7,8,9].all(b, [0,1,2,3,4,5,6,7,8,9].all(c, [0,1,2,3,4,5,6,7,8,9].all(d, [0,1,2,3,4,5,6,7,8,9].all(e, a + b + c + d + e < 99))))))',
        },
      },
      /actual cost limit exceeded$/,
    ],
  ];
  for (const [mappings, why] of refused) {
    it(`refuses a token where ${JSON.stringify(mappings).slice(0, 80)} gives nothing usable`, async () =>
      assert.match(String(await mapped(mappings)), why));
  }

  it('holds claims to rules', async () => {
    const claimValidationRules = [
      { expression: 'claims.exp - claims.level > 0' },
      { expression: 'claims.level < 10', message: 'too high' },
    ];
    assert.equal(typeof (await user({ claimValidationRules })), 'object');
    assert.equal(
      await user({ claimValidationRules }, { level: 11 }),
      "oidc: error evaluating claim validation expression: validation expression 'claims.level < 10' failed: too high",
    );
    assert.match(
      String(await user({ claimValidationRules }, { level: 'x' })),
      /^oidc: error evaluating claim validation expression: expression /,
    );
  });

  it('holds the user to rules, which see every field', async () => {
    const userValidationRules = [
      { expression: "!user.username.startsWith('system:')", message: 'reserved' },
      { expression: "user.groups.all(group, !group.startsWith('system:'))" },
      { expression: "user.uid == '' && user.extra.size() == 0" },
    ];
    assert.equal(typeof (await user({ userValidationRules })), 'object');
    assert.equal(
      await user({ userValidationRules }, { sub: 'system:admin' }),
      "oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('system:')' failed: reserved",
    );
  });

  it('goes with claims that are named: prefixes, required values', async () => {
    const settings = {
      claimMappings: { username: { claim: 'sub', prefix: 'x:' }, groups: { expression: 'claims.roles' } },
      claimValidationRules: [{ claim: 'sub', requiredValue: 'eve' }, { expression: 'true' }],
    };
    assert.deepEqual(await user(settings), { name: 'x:eve', groups: ['a,b', 'system:authenticated'] });
    assert.match(String(await user(settings, { sub: 'bob' })), /required claim sub value does not match/);
  });
});
