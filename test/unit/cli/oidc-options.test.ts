// The --oidc-* flags: what they become, and the one line for each mistake.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KtsError } from '../../../src/base/errors.ts';
import { oidcSettings } from '../../../src/cli/oidc-options.ts';
import { parseArguments } from '../../../src/cli/parse-flags.ts';

const settings = (...args: string[]) => oidcSettings(parseArguments('server', args).values);
const BASE = ['--oidc-issuer-url=https://idp.example', '--oidc-client-id=kts'];

describe('oidcSettings', () => {
  it('is nothing without a flag', () => assert.equal(settings(), undefined));

  it('reads all of them', () => {
    const more = ['--oidc-username-claim=email', '--oidc-username-prefix=-', '--oidc-groups-claim=g', '--oidc-groups-prefix=o:'];
    const lists = [
      '--oidc-required-claim=hd=x=y',
      '--oidc-required-claim=z=1',
      '--oidc-signing-algs=RS256,ES256',
      '--oidc-ca-file=/ca.pem',
    ];
    assert.deepEqual(settings(...BASE, ...more, ...lists), {
      issuerUrl: 'https://idp.example',
      audiences: ['kts'],
      usernameClaim: 'email',
      usernamePrefix: '-',
      groupsClaim: 'g',
      groupsPrefix: 'o:',
      requiredClaims: { hd: 'x=y', z: '1' },
      signingAlgorithms: ['RS256', 'ES256'],
      caFile: '/ca.pem',
    });
  });

  const refused: readonly [string[], RegExp][] = [
    [BASE.slice(0, 1), /must be specified together/],
    [['--oidc-groups-claim=g'], /must be specified together/],
    [['--oidc-issuer-url=http://x', '--oidc-client-id=x'], /--oidc-issuer-url \("http:\/\/x"\) has invalid scheme/],
    [[...BASE, '--oidc-signing-algs=HS256'], /--oidc-signing-algs: "HS256" is none of RS256/],
    [[...BASE, '--oidc-required-claim=x'], /--oidc-required-claim: "x" is not NAME=VALUE/],
  ];
  for (const [args, message] of refused) {
    it(`refuses ${args.join(' ')}`, () =>
      assert.throws(
        () => settings(...args),
        (error) => error instanceof KtsError && error.code === 'usage' && message.test(error.message),
      ));
  }
});
