// Short-lived bearer tokens, each bound to one node name: what a node gets for the join token, to ask for its first certificates.

import { randomBytes } from 'node:crypto';
import { unauthorized } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { Authenticator, Credentials } from '../auth/auth.ts';
import { AUTHENTICATED, BOOTSTRAPPERS, KTS_BOOTSTRAPPERS } from '../auth/auth-groups.ts';
import { bearerToken } from '../auth/bearer-token.ts';

/** How long a node has to ask for its certificates. */
const LIFE_MS = 10 * 60_000;
/** Most tokens alive: more than the nodes that join within their life; the oldest goes first. */
const TOKENS_MAX = 5000;
const PREFIX = 'kts-join.';
const USER_PREFIX = 'system:bootstrap:node:';

const GROUPS = [BOOTSTRAPPERS, KTS_BOOTSTRAPPERS, AUTHENTICATED];

/** The node that a bootstrap user may become; undefined for other users. */
export function bootstrapNodeOf(userName: string): string | undefined {
  return userName.startsWith(USER_PREFIX) ? userName.slice(USER_PREFIX.length) : undefined;
}

/** Issues and recognizes the tokens. They live in memory: a node that joins while the server restarts asks again. */
export class NodeBootstrapTokens implements Authenticator {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Oldest first. */
  readonly #tokens = new Map<string, { readonly node: string; readonly expiresAt: number }>();

  constructor(deps: { readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#clock = deps.clock;
  }

  /** A new token for the node. */
  issue(node: string): string {
    const now = this.#clock.monotonic();
    for (const [token, { expiresAt }] of this.#tokens) {
      if (expiresAt > now && this.#tokens.size < TOKENS_MAX) break;
      this.#tokens.delete(token);
    }
    const token = `${PREFIX}${randomBytes(24).toString('base64url')}`;
    this.#tokens.set(token, { node, expiresAt: now + LIFE_MS });
    return token;
  }

  async authenticate(credentials: Credentials): Promise<UserInfo | undefined> {
    const token = bearerToken(credentials);
    if (!token?.startsWith(PREFIX)) return undefined;
    const found = this.#tokens.get(token);
    if (!found || found.expiresAt <= this.#clock.monotonic()) throw unauthorized();
    return { name: `${USER_PREFIX}${found.node}`, groups: GROUPS };
  }
}
