// The file of --authentication-config: what it becomes, and what is refused with the field's name.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KtsError } from '../../../../../src/base/errors.ts';
import { JWS_ALGORITHMS } from '../../../../../src/base/jws.ts';
import { authenticationConfiguration } from '../../../../../src/server/auth/oidc/authentication-configuration.ts';

const issuer = { url: 'https://idp.example', audiences: ['kts'] };
const claimMappings = { username: { claim: 'sub', prefix: '' } };
const file = (more: object = {}): object => ({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', ...more });
const jwt = (more: object = {}): object => file({ jwt: [{ issuer, claimMappings, ...more }] });

describe('authenticationConfiguration', () => {
  it('reads an issuer with everything that is supported', () => {
    const value = jwt({
      issuer: {
        ...issuer,
        audiences: ['a', 'b'],
        audienceMatchPolicy: 'MatchAny',
        discoveryURL: 'https://d.example',
        certificateAuthority: 'PEM',
      },
      claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }],
      claimMappings: { username: { claim: 'email', prefix: 'o:' }, groups: { claim: 'roles', prefix: 'g:' }, uid: { claim: 'uid' } },
    });
    assert.deepEqual(authenticationConfiguration(value), {
      issuers: [
        {
          issuerUrl: 'https://idp.example',
          discoveryUrl: 'https://d.example',
          audiences: ['a', 'b'],
          ca: 'PEM',
          requiredClaims: { hd: 'x' },
          signingAlgorithms: JWS_ALGORITHMS,
          usernameClaim: 'email',
          usernamePrefix: 'o:',
          groupsClaim: 'roles',
          groupsPrefix: 'g:',
          uidClaim: 'uid',
        },
      ],
      anonymous: { enabled: true },
    });
  });

  it('takes an empty prefix for none', () => assert.equal(authenticationConfiguration(jwt()).issuers[0]?.usernamePrefix, '-'));

  it('reads where anonymous requests are let in', () => {
    assert.deepEqual(authenticationConfiguration(file({ anonymous: { enabled: false } })), { issuers: [], anonymous: { enabled: false } });
    const conditions = [{ path: '/livez' }, { path: '/readyz' }];
    assert.deepEqual(authenticationConfiguration(file({ anonymous: { enabled: true, conditions } })).anonymous, {
      enabled: true,
      paths: ['/livez', '/readyz'],
    });
  });

  const refused: readonly [value: unknown, message: RegExp][] = [
    [null, /the file: must be a mapping/],
    [{ ...file(), kind: 'Config' }, /kind: must be AuthenticationConfiguration/],
    [file({ webhook: {} }), /webhook: unknown field/],
    [file({ jwt: {} }), /jwt: must be a list/],
    [jwt({ issuer: { ...issuer, url: 'http://x' } }), /jwt\[0\]\.issuer: "http:\/\/x" has invalid scheme/],
    [jwt({ issuer: { url: issuer.url } }), /jwt\[0\]\.issuer\.audiences: at least one is required/],
    [jwt({ issuer: { ...issuer, audiences: ['a', 'b'] } }), /audienceMatchPolicy: must be MatchAny/],
    [jwt({ issuer: { ...issuer, egressSelectorType: 'cluster' } }), /egressSelectorType: unknown field/],
    [jwt({ claimMappings: {} }), /claimMappings\.username: must be a mapping/],
    [jwt({ claimMappings: { username: { claim: 'sub' } } }), /username\.prefix: is required when claim is set/],
    [jwt({ claimMappings: { username: { expression: 'claims.sub' } } }), /username\.expression: expressions are not supported/],
    [jwt({ claimMappings: { ...claimMappings, extra: [{ key: 'a/b', valueExpression: 'x' }] } }), /extra: expressions are not supported/],
    [jwt({ userValidationRules: [{ expression: 'true' }] }), /userValidationRules: expressions are not supported/],
    [jwt({ claimValidationRules: [{ expression: 'true' }] }), /claimValidationRules\[0\]\.expression: expressions are not supported/],
    [
      file({
        jwt: [
          { issuer, claimMappings },
          { issuer, claimMappings },
        ],
      }),
      /jwt\[1\]\.issuer\.url: Duplicate value/,
    ],
    [file({ anonymous: {} }), /anonymous\.enabled: must be true or false/],
    [file({ anonymous: { enabled: false, conditions: [{ path: '/x' }] } }), /enabled should be set to true when conditions are defined/],
  ];
  for (const [value, message] of refused) {
    it(`refuses ${JSON.stringify(value)}`, () =>
      assert.throws(
        () => authenticationConfiguration(value),
        (error) => error instanceof KtsError && error.code === 'usage' && message.test(error.message),
      ));
  }
});
