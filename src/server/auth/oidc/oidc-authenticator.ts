// Authenticates by ID tokens of OpenID Connect issuers. Nothing is fetched before the first token of that issuer comes.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens

import { unauthorized } from '../../../api/status-error.ts';
import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import { getJson } from '../../../base/https-get.ts';
import { keyIdOf, verifyIssued } from '../../../base/jws.ts';
import { peekJwt } from '../../../base/jwt.ts';
import type { Logger } from '../../../base/log.ts';
import type { UserInfo } from '../../../client/api-backend.ts';
import type { Authenticator, Credentials } from '../auth.ts';
import { bearerToken } from '../bearer-token.ts';
import { type OidcOptions, oidcUser } from './oidc-claims.ts';
import { OidcKeys } from './oidc-keys.ts';

/** What authenticators need of the world. */
export interface OidcDeps {
  readonly clock: Clock;
  readonly log: Logger;
}

/** One issuer of those that are believed. */
interface Issuer {
  readonly options: OidcOptions;
  readonly keys: OidcKeys;
  readonly authenticator: Authenticator;
}

/** The issuers that are believed; others may take their place while requests come. */
export class OidcAuthenticators implements Authenticator {
  readonly #deps: OidcDeps;
  #issuers: readonly Issuer[] = [];

  constructor(issuers: readonly OidcOptions[], deps: OidcDeps) {
    this.#deps = deps;
    this.use(issuers);
  }

  /** Believes these from now on. One that has its keys where it had them keeps those that were fetched. */
  use(issuers: readonly OidcOptions[]): void {
    const before = this.#issuers;
    this.#issuers = issuers.map((options) => {
      const keys = before.find((issuer) => hasSameKeys(issuer.options, options))?.keys ?? keysOf(options, this.#deps);
      return { options, keys, authenticator: issuerAuthenticator(options, { ...this.#deps, keys }) };
    });
  }

  async authenticate(credentials: Credentials): Promise<UserInfo | undefined> {
    for (const { authenticator } of this.#issuers) {
      const user = await authenticator.authenticate(credentials); // A token has one issuer: who refuses it has the last word.
      if (user) return user;
    }
    return undefined;
  }
}

const hasSameKeys = (one: OidcOptions, other: OidcOptions): boolean =>
  one.issuerUrl === other.issuerUrl && one.discoveryUrl === other.discoveryUrl && one.ca === other.ca;

const keysOf = (options: OidcOptions, { clock }: OidcDeps): OidcKeys =>
  new OidcKeys(options, { clock, fetch: (url) => getJson(url, { ca: options.ca }) });

/** The authenticator of one issuer. Tokens of other issuers are left to others. */
function issuerAuthenticator(options: OidcOptions, deps: OidcDeps & { readonly keys: OidcKeys }): Authenticator {
  const algorithms = options.signingAlgorithms?.length ? options.signingAlgorithms : ['RS256'];
  return {
    async authenticate(credentials) {
      const token = bearerToken(credentials);
      if (token === undefined || peekJwt(token)?.['iss'] !== options.issuerUrl) return undefined;
      try {
        const claims = verifyIssued(token, await deps.keys.keys(keyIdOf(token)), algorithms);
        const user = claims ? oidcUser(claims, options, deps.clock.now() / 1000) : 'oidc: failed to verify signature';
        if (typeof user !== 'string') return user;
        deps.log.debug('token refused', { reason: user });
      } catch (error) {
        deps.log.warn('oidc keys cannot be fetched', { issuer: options.issuerUrl, error: messageOf(error) });
      }
      throw unauthorized();
    },
  };
}
