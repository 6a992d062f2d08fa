// The token a machine joins with, `K10<sha256 of the server's authority>::<user>:<password>`, or the password alone, which pins
// nothing. Pure; both ends of a join read it.

import { createHash } from 'node:crypto';

/** Who a token lets in: further servers (and nodes), or nodes only. */
export type TokenUser = 'server' | 'node';

/** A token taken apart. */
export interface JoinToken {
  /** Hash that the server's authority must have; undefined in the short form. */
  readonly authorityHash: string | undefined;
  readonly user: TokenUser | undefined;
  readonly password: string;
}

/** What a token must look like, for those who gave another. */
export const JOIN_TOKEN_ADVICE =
  'the token is neither K10<hash>::<user>:<password> nor a password: copy it from <data-dir>/server/node-token';

/** SHA-256, hex, of an authority's PEM exactly as `/cacerts` serves it. */
export function authorityHash(authorityPem: string): string {
  return createHash('sha256').update(authorityPem).digest('hex');
}

/** The token in its secure form. */
export function formatJoinToken(authorityPem: string, user: TokenUser, password: string): string {
  return `K10${authorityHash(authorityPem)}::${user}:${password}`;
}

/** Takes a token of either form apart; undefined when it has neither. */
export function parseJoinToken(text: string): JoinToken | undefined {
  const token = text.trim();
  const secure = /^K10([0-9a-f]{64})::(server|node):(\S+)$/.exec(token);
  if (secure) return { authorityHash: secure[1], user: secure[2] === 'server' ? 'server' : 'node', password: secure[3] ?? '' };
  return token === '' || /^K10|\s/.test(token) ? undefined : { authorityHash: undefined, user: undefined, password: token };
}
