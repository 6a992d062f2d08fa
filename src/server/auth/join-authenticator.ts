// The join tokens: as bearer token (with or without the pinned hash), or as password of HTTP basic authentication.

import { unauthorized } from '../../api/status-error.ts';
import { hasCode } from '../../base/errors.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import { type JoinSecrets, type JoinToken, matchPassword, parseJoinToken, type TokenUser } from '../pki/join-token.ts';
import type { Authenticator, Credentials } from './auth.ts';
import { AUTHENTICATED, BOOTSTRAPPERS, KTS_BOOTSTRAPPERS, KTS_SERVERS } from './auth-groups.ts';
import { basicCredentials, bearerToken } from './bearer-token.ts';

const USERS: Record<TokenUser, UserInfo> = {
  node: { name: 'system:bootstrap:kts', groups: [BOOTSTRAPPERS, KTS_BOOTSTRAPPERS, AUTHENTICATED] },
  server: { name: 'system:bootstrap:kts-server', groups: [BOOTSTRAPPERS, KTS_BOOTSTRAPPERS, KTS_SERVERS, AUTHENTICATED] },
};

/** Authenticates those who join. Bearer tokens it does not know are left to others; a wrong basic password is refused. */
export function joinAuthenticator(secrets: JoinSecrets): Authenticator {
  return {
    async authenticate(credentials: Credentials): Promise<UserInfo | undefined> {
      const basic = basicCredentials(credentials);
      if (basic) {
        const user = basic.user === 'node' || basic.user === 'server' ? matchPassword(secrets, basic.password, basic.user) : undefined;
        if (!user) throw unauthorized();
        return USERS[user];
      }
      const token = parsed(bearerToken(credentials));
      const user = token && matchPassword(secrets, token.password, token.user);
      return user && USERS[user];
    },
  };
}

function parsed(token: string | undefined): JoinToken | undefined {
  if (token === undefined) return undefined;
  try {
    return parseJoinToken(token);
  } catch (error) {
    if (hasCode(error, 'token-invalid')) return undefined; // Of another kind.
    throw error;
  }
}
