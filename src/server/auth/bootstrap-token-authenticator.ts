// Authenticates by bootstrap tokens: `Authorization: Bearer <id>.<secret>` of a Secret in kube-system.
// https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/

import { createHash, timingSafeEqual } from 'node:crypto';
import {
  BOOTSTRAP_TOKEN_NAMESPACE,
  bootstrapSecretName,
  bootstrapTokenGroups,
  parseBootstrapToken,
  usableBootstrapToken,
} from '../../api/bootstrap-token.ts';
import { unauthorized } from '../../api/status-error.ts';
import type { Secret } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { Authenticator, Credentials } from './auth.ts';
import { AUTHENTICATED, BOOTSTRAPPERS } from './auth-groups.ts';
import { bearerToken } from './bearer-token.ts';

/** What it looks up. */
export interface BootstrapTokenDeps {
  readonly secret: (namespace: string, name: string) => Secret | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

/** The authenticator. Refuses a token of this form that no Secret holds, or whose Secret does not allow it. */
export function bootstrapTokenAuthenticator({ secret, clock }: BootstrapTokenDeps): Authenticator {
  return {
    async authenticate(credentials: Credentials): Promise<UserInfo | undefined> {
      const shown = parseBootstrapToken(bearerToken(credentials) ?? '');
      if (!shown) return undefined;
      const found = secret(BOOTSTRAP_TOKEN_NAMESPACE, bootstrapSecretName(shown.id));
      const token = found && usableBootstrapToken(found, 'authentication', clock.now());
      const groups = found && bootstrapTokenGroups(found);
      if (!token || !groups || !same(token.secret, shown.secret)) throw unauthorized();
      return { name: `system:bootstrap:${token.id}`, groups: [BOOTSTRAPPERS, ...groups, AUTHENTICATED] };
    },
  };
}

/** Compares in constant time. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
