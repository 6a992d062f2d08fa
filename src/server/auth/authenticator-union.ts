// Asks authenticators in order; the order is data of the caller.

import { unauthorized } from '../../api/status-error.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { Authenticator, Credentials } from './auth.ts';
import { bearerToken } from './bearer-token.ts';

/**
 * The first user any of them finds. One that refuses does not keep the next from being asked (a request may carry an old certificate
 * and a good token). @throws StatusError Unauthorized when one refused and none found a user, and for a bearer token nobody knows.
 */
export function authenticatorUnion(authenticators: readonly Authenticator[]): Authenticator {
  return {
    async authenticate(credentials: Credentials): Promise<UserInfo | undefined> {
      const refusals: unknown[] = [];
      for (const authenticator of authenticators) {
        try {
          const user = await authenticator.authenticate(credentials);
          if (user) return user;
        } catch (error) {
          refusals.push(error);
        }
      }
      if (refusals.length > 0) throw refusals[0];
      if (bearerToken(credentials) !== undefined) throw unauthorized();
      return undefined;
    },
  };
}
