// Authenticates by ID tokens of an OpenID Connect issuer. Nothing is fetched before the first token of that issuer comes.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens

import { unauthorized } from '../../../api/status-error.ts';
import type { Clock } from '../../../base/clock.ts';
import { messageOf } from '../../../base/errors.ts';
import { getJson } from '../../../base/https-get.ts';
import { keyIdOf, verifyIssued } from '../../../base/jws.ts';
import { peekJwt } from '../../../base/jwt.ts';
import type { Logger } from '../../../base/log.ts';
import type { Authenticator } from '../auth.ts';
import { bearerToken } from '../bearer-token.ts';
import { type OidcOptions, oidcUser } from './oidc-claims.ts';
import { OidcKeys } from './oidc-keys.ts';

/** The authenticator of one issuer. Tokens of other issuers are left to others. */
export function oidcAuthenticator(options: OidcOptions, deps: { readonly clock: Clock; readonly log: Logger }): Authenticator {
  const keys = new OidcKeys(options, { clock: deps.clock, fetch: (url) => getJson(url, { ca: options.ca }) });
  const algorithms = options.signingAlgorithms?.length ? options.signingAlgorithms : ['RS256'];
  return {
    async authenticate(credentials) {
      const token = bearerToken(credentials);
      if (token === undefined || peekJwt(token)?.['iss'] !== options.issuerUrl) return undefined;
      try {
        const claims = verifyIssued(token, await keys.keys(keyIdOf(token)), algorithms);
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
