// The file of --authentication-config: what it becomes, and what is refused with the field's name.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KtsError } from '../../../../../src/base/errors.ts';
import { JWS_ALGORITHMS } from '../../../../../src/base/jws.ts';
import { type AnonymousAccess, authenticationConfiguration } from '../../../../../src/server/auth/oidc/authentication-configuration.ts';
import { TEST_CA } from '../../../../support/test-certificates.ts';

const issuer = { url: 'https://idp.example', audiences: ['kts'] };
const claimMappings = { username: { claim: 'sub', prefix: '' } };
const file = (more: object = {}): object => ({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration', ...more });
const jwt = (more: object = {}): object => file({ jwt: [{ issuer, claimMappings, ...more }] });

const SERVICE_ACCOUNTS = 'https://kubernetes.default.svc.cluster.local';
const read = (value: unknown, anonymous?: AnonymousAccess) =>
  authenticationConfiguration(value, { disallowedIssuers: [SERVICE_ACCOUNTS], ...(anonymous && { anonymous }) });

describe('authenticationConfiguration', () => {
  it('reads an issuer with everything that names claims, and loads no expressions for it', async () => {
    const value = jwt({
      issuer: {
        ...issuer,
        audiences: ['a', 'b'],
        audienceMatchPolicy: 'MatchAny',
        discoveryURL: 'https://d.example',
        certificateAuthority: TEST_CA,
      },
      claimValidationRules: [{ claim: 'hd', requiredValue: 'x' }, { claim: 'empty' }],
      claimMappings: { username: { claim: 'email', prefix: 'o:' }, groups: { claim: 'roles', prefix: 'g:' }, uid: { claim: 'uid' } },
    });
    assert.deepEqual(await read(value), {
      issuers: [
        {
          issuerUrl: 'https://idp.example',
          discoveryUrl: 'https://d.example',
          audiences: ['a', 'b'],
          ca: TEST_CA,
          requiredClaims: { hd: 'x', empty: '' },
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

  it('takes an empty prefix for none', async () => assert.equal((await read(jwt())).issuers[0]?.usernamePrefix, '-'));

  it('takes no issuers at all', async () => assert.deepEqual((await read(file())).issuers, []));

  it('reads where anonymous requests are let in', async () => {
    assert.deepEqual(await read(file({ anonymous: { enabled: false } })), { issuers: [], anonymous: { enabled: false } });
    const conditions = [{ path: '/livez' }, { path: '/readyz' }];
    assert.deepEqual((await read(file({ anonymous: { enabled: true, conditions } }))).anonymous, {
      enabled: true,
      paths: ['/livez', '/readyz'],
    });
  });

  it('keeps anonymous access as it was at the start', async () => {
    const before: AnonymousAccess = { enabled: true, paths: ['/livez'] };
    const same = { enabled: true, conditions: [{ path: '/livez' }] };
    assert.deepEqual((await read(file({ anonymous: same }), before)).anonymous, before);
    await assert.rejects(read(file(), before), /anonymous: Forbidden: changed from initial configuration file/);
  });

  const username = (expression: string): object => ({ username: { expression } });
  const rule = (value: object): object => jwt({ claimValidationRules: [value] });
  const extra = (...list: object[]): object => jwt({ claimMappings: { ...claimMappings, extra: list } });
  const twice = (more: object): object =>
    file({
      jwt: [
        { issuer: { ...issuer, ...more }, claimMappings },
        { issuer: { ...issuer, url: 'https://other.example', ...more }, claimMappings },
      ],
    });
  const refused: readonly [value: unknown, message: RegExp][] = [
    [null, /apiVersion: Unsupported value/],
    ['x', /Invalid value: "x": must be a mapping/],
    [{ ...file(), kind: 'Config' }, /kind: Unsupported value: "Config": supported values: "AuthenticationConfiguration"/],
    [file({ webhook: {} }), /unknown field "webhook"/],
    [file({ jwt: {} }), /jwt: Invalid value: \{\}: must be a list/],
    [file({ jwt: Array(65).fill({}) }), /jwt: Too many: 65: must have at most 64 items/],
    [file({ jwt: [{}] }), /jwt\[0\]\.issuer\.url: Required value/],
    [jwt({ issuer: { ...issuer, url: 'x' } }), /jwt\[0\]\.issuer\.url: Invalid value: "x": parse "x": invalid URL/],
    [jwt({ issuer: { ...issuer, url: 'http://x' } }), /jwt\[0\]\.issuer\.url: Invalid value: "http:\/\/x": URL scheme must be https/],
    [jwt({ issuer: { ...issuer, url: 'https://a:b@x' } }), /URL must not contain a username or password/],
    [jwt({ issuer: { ...issuer, url: 'https://x?y' } }), /URL must not contain a query/],
    [jwt({ issuer: { ...issuer, url: 'https://x#y' } }), /URL must not contain a fragment/],
    [
      jwt({ issuer: { ...issuer, url: SERVICE_ACCOUNTS } }),
      /URL must not overlap with disallowed issuers: \[https:\/\/kubernetes\.default\.svc\.cluster\.local\]/,
    ],
    [jwt({ issuer: { ...issuer, discoveryURL: `${issuer.url}/` } }), /discoveryURL: .*: discoveryURL must be different from URL/],
    [jwt({ issuer: { ...issuer, discoveryURL: 'http://d' } }), /discoveryURL: Invalid value: "http:\/\/d": URL scheme must be https/],
    [jwt({ issuer: { url: issuer.url } }), /audiences: Required value: at least one jwt\[0\]\.issuer\.audiences is required/],
    [jwt({ issuer: { ...issuer, audiences: [''] } }), /audiences\[0\]: Required value/],
    [jwt({ issuer: { ...issuer, audiences: ['a', 'a'], audienceMatchPolicy: 'MatchAny' } }), /audiences\[1\]: Duplicate value: "a"/],
    [jwt({ issuer: { ...issuer, audiences: ['a', 'b'] } }), /audienceMatchPolicy must be MatchAny for multiple audiences/],
    [jwt({ issuer: { ...issuer, audienceMatchPolicy: 'MatchAll' } }), /audienceMatchPolicy must be empty or MatchAny for single audience/],
    [
      jwt({ issuer: { ...issuer, certificateAuthority: 'PEM' } }),
      /certificateAuthority: Invalid value: "<omitted>": data does not contain/,
    ],
    [jwt({ issuer: { ...issuer, egressSelectorType: 'cluster' } }), /egressSelectorType: .*"cluster": egress selector is not supported/],
    [jwt({ claimMappings: {} }), /claimMappings\.username: Required value: claim or expression is required/],
    [jwt({ claimMappings: { username: { claim: 'sub' } } }), /username\.prefix: Required value: prefix is required when claim is set/],
    [jwt({ claimMappings: { username: { claim: 'a', expression: 'b' } } }), /username: .*: claim and expression can't both be set/],
    [jwt({ claimMappings: { ...claimMappings, uid: { claim: 'a', expression: 'b' } } }), /uid: .*: claim and expression can't both be set/],
    [jwt({ claimMappings: { username: { expression: 'claims.sub', prefix: '' } } }), /prefix: .*: may not be specified when expression is/],
    [jwt({ claimMappings: username('claims.') }), /username\.expression: Invalid value: "claims\.": compilation failed: ERROR/],
    [jwt({ claimMappings: username('user.username') }), /undeclared reference to 'user'/],
    [jwt({ claimMappings: username('claims.email') }), /username\.expression: .*claims\.email_verified must be used/],
    [jwt({ claimMappings: username('claims.?email.orValue("")') }), /claims\.email_verified must be used/],
    [jwt({ claimMappings: username('has(claims.email) ? "a" : "b"') }), /claims\.email_verified must be used/],
    [extra({ key: 'b', valueExpression: 'x' }), /extra\[0\]\.key: .*must be a domain-prefixed path/],
    [extra({ key: 'a.b/C', valueExpression: 'x' }), /extra\[0\]\.key: .*must be lowercase/],
    [extra({ key: 'x.k8s.io/c', valueExpression: 'x' }), /kubernetes\.io and their subdomains are reserved for Kubernetes use/],
    [extra({ key: 'a.b/c' }), /extra\[0\]\.valueExpression: Required value/],
    [
      extra({ key: 'a.b/c', valueExpression: '"x"' }, { key: 'a.b/c', valueExpression: '"y"' }),
      /extra\[1\]\.key: Duplicate value: "a\.b\/c"/,
    ],
    [jwt({ userValidationRules: [{}] }), /userValidationRules\[0\]\.expression: Required value/],
    [
      jwt({ userValidationRules: [{ expression: 'true' }, { expression: 'true' }] }),
      /userValidationRules\[1\]\.expression: Duplicate value/,
    ],
    [jwt({ userValidationRules: [{ expression: 'user.name' }] }), /undefined field 'name'/],
    [jwt({ userValidationRules: [{ expression: 'user.username' }] }), /must evaluate to bool/],
    [rule({}), /claimValidationRules\[0\]: Required value: claim or expression is required/],
    [rule({ claim: 'a', expression: 'b' }), /claimValidationRules\[0\]: .*claim and expression can't both be set/],
    [rule({ claim: 'a', message: 'b' }), /claimValidationRules\[0\]\.message: .*may not be specified when claim is set/],
    [rule({ expression: 'true', requiredValue: 'b' }), /requiredValue: .*may not be specified when expression is set/],
    [rule({ expression: 'claims.hd' }), /claimValidationRules\[0\]\.expression: .*must evaluate to bool/],
    [jwt({ claimValidationRules: [{ claim: 'a' }, { claim: 'a' }] }), /claimValidationRules\[1\]\.claim: Duplicate value/],
    [twice({ url: issuer.url }), /jwt\[1\]\.issuer\.url: Duplicate value/],
    [twice({ discoveryURL: 'https://d.example' }), /jwt\[1\]\.issuer\.discoveryURL: Duplicate value/],
    [file({ anonymous: { enabled: 'yes' } }), /anonymous\.enabled: Invalid value: "yes": must be true or false/],
    [file({ anonymous: { enabled: false, conditions: [{ path: '/x' }] } }), /enabled should be set to true when conditions are defined/],
  ];
  for (const [value, message] of refused) {
    it(`refuses ${JSON.stringify(value).slice(0, 200)}`, () =>
      assert.rejects(read(value), (error) => {
        assert.ok(error instanceof KtsError);
        assert.match(error.message, message);
        return error.code === 'usage';
      }));
  }

  const verified = [
    username('claims.email_verified == true ? claims.email : "nobody"'),
    { ...username('claims.email'), extra: [{ key: 'a.b/c', valueExpression: 'string(claims.?email_verified.orValue(true))' }] },
  ];
  for (const claimMappings of verified) {
    it(`takes an address where ${JSON.stringify(claimMappings)} looks whether it is verified`, async () =>
      assert.equal((await read(jwt({ claimMappings }))).issuers.length, 1));
  }

  it('takes an address where a rule looks whether it is verified', async () => {
    const value = jwt({
      claimMappings: username('claims.email'),
      claimValidationRules: [{ expression: 'claims.?email_verified.orValue(true) == true' }],
    });
    assert.equal((await read(value)).issuers.length, 1);
  });
});
