// The --oidc-* flags, named and meant as kube-apiserver's. Pure.

import { KtsError } from '../base/errors.ts';
import { JWS_ALGORITHMS } from '../base/jws.ts';
import { type OidcOptions, urlFault } from '../server/auth/oidc/oidc-claims.ts';
import type { Flag } from './flags.ts';
import type { FlagValues } from './parse-flags.ts';

/** The issuer whose ID tokens are believed; the authority's certificate is still to be read from its file. */
export interface OidcSettings extends OidcOptions {
  readonly caFile: string | undefined;
}

const flag = (name: string, type: Flag['type'], help: string): Flag => ({
  name,
  type,
  group: 'authentication',
  commands: ['server'],
  help,
});

/** The flags, and that of the file which says the same and more. */
export const OIDC_FLAGS: readonly Flag[] = [
  flag('authentication-config', 'string', 'file with an AuthenticationConfiguration: issuers of ID tokens, anonymous access'),
  flag('oidc-issuer-url', 'string', 'OpenID Connect issuer whose ID tokens are believed, https only'),
  flag('oidc-client-id', 'string', 'client id that ID tokens must be for'),
  flag('oidc-username-claim', 'string', 'claim that is the user name (default: sub)'),
  flag('oidc-username-prefix', 'string', 'put before user names; - for nothing (default: the issuer and #, nothing for the claim email)'),
  flag('oidc-groups-claim', 'string', 'claim that holds the groups'),
  flag('oidc-groups-prefix', 'string', 'put before groups'),
  flag('oidc-required-claim', 'list', 'claim that must be there, NAME=VALUE'),
  flag('oidc-signing-algs', 'list', 'signature algorithms that are accepted (default: RS256)'),
  flag('oidc-ca-file', 'string', "file with the authority of the issuer's certificate"),
];

/** The settings; undefined without an issuer. @throws KtsError `usage` */
export function oidcSettings(values: FlagValues): OidcSettings | undefined {
  const text = (name: string): string | undefined => String(values.get(`oidc-${name}`) ?? '') || undefined;
  const list = (name: string): readonly string[] => {
    const value = values.get(`oidc-${name}`);
    return Array.isArray(value) ? (value as readonly string[]) : []; // Only lists of words are arrays.
  };
  if (!OIDC_FLAGS.some(({ name }) => name.startsWith('oidc-') && values.get(name) !== undefined && values.get(name) !== ''))
    return undefined;
  const settings: OidcSettings = {
    issuerUrl: text('issuer-url') ?? '',
    audiences: [text('client-id') ?? ''],
    usernameClaim: text('username-claim'),
    usernamePrefix: text('username-prefix'),
    groupsClaim: text('groups-claim'),
    groupsPrefix: text('groups-prefix'),
    requiredClaims: Object.fromEntries(list('required-claim').map(requiredClaim)),
    signingAlgorithms: list('signing-algs'),
    caFile: text('ca-file'),
  };
  const fault = settingsFault(settings);
  if (fault !== undefined) throw new KtsError('usage', fault);
  return settings;
}

function settingsFault({ issuerUrl, audiences, signingAlgorithms = [] }: OidcSettings): string | undefined {
  if (issuerUrl === '' || audiences.includes('')) return '--oidc-issuer-url and --oidc-client-id must be specified together';
  const fault = urlFault(issuerUrl);
  if (fault !== undefined) return `--oidc-issuer-url (${JSON.stringify(issuerUrl)}) ${fault}`;
  const unknown = signingAlgorithms.find((name) => !JWS_ALGORITHMS.includes(name));
  return unknown === undefined ? undefined : `--oidc-signing-algs: ${JSON.stringify(unknown)} is none of ${JWS_ALGORITHMS.join(', ')}`;
}

function requiredClaim(text: string): [string, string] {
  const mark = text.indexOf('=');
  if (mark < 1) throw new KtsError('usage', `--oidc-required-claim: "${text}" is not NAME=VALUE`);
  return [text.slice(0, mark), text.slice(mark + 1)];
}
