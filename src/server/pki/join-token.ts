// Tokens by which nodes and servers join: `K10<sha256 of the server CA>::<user>:<password>`, or the password alone, which pins nothing.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { readTextIfThere, writeFileAtomic } from '../../base/atomic-file.ts';
import { PkiError } from './errors.ts';

/** Who a token lets in: further servers (and nodes), or nodes only. */
export type TokenUser = 'server' | 'node';

/** A token taken apart. */
export interface JoinToken {
  /** Hash that the server's authority must have; undefined in the short form. */
  readonly authorityHash: string | undefined;
  readonly user: TokenUser | undefined;
  readonly password: string;
}

/** The passwords of a cluster. */
export interface JoinSecrets {
  readonly server: string;
  readonly node: string;
}

/** SHA-256, hex, of an authority's PEM exactly as `/cacerts` serves it. */
export function authorityHash(authorityPem: string): string {
  return createHash('sha256').update(authorityPem).digest('hex');
}

/** The token in its secure form. */
export function formatJoinToken(authorityPem: string, user: TokenUser, password: string): string {
  return `K10${authorityHash(authorityPem)}::${user}:${password}`;
}

/** Takes a token of either form apart. @throws PkiError `token-invalid` */
export function parseJoinToken(text: string): JoinToken {
  const token = text.trim();
  const secure = /^K10([0-9a-f]{64})::(server|node):(\S+)$/.exec(token);
  if (secure) return { authorityHash: secure[1], user: secure[2] === 'server' ? 'server' : 'node', password: secure[3] ?? '' };
  if (token === '' || /^K10|\s/.test(token)) {
    throw new PkiError(
      'token-invalid',
      'the token is not of the form K10<hash>::<user>:<password>: copy it from <data-dir>/server/node-token',
    );
  }
  return { authorityHash: undefined, user: undefined, password: token };
}

/** Which of the passwords this is, compared in constant time; undefined for neither. `user` restricts it to that one. */
export function matchPassword(secrets: JoinSecrets, password: string, user?: TokenUser): TokenUser | undefined {
  const server = sameSecret(secrets.server, password);
  const node = sameSecret(secrets.node, password);
  if (server && user !== 'node') return 'server';
  return node && user !== 'server' ? 'node' : undefined;
}

/**
 * The cluster's passwords: those given by the operator (in either form), else those of the files, else new ones. Writes the files
 * `token`, `agent-token` and `node-token` (what an agent is best given) into `directory`.
 */
export function openJoinSecrets(
  options: { directory: string; authorityPem: string; token?: string; agentToken?: string },
  random: (bytes: number) => string = (bytes) => randomBytes(bytes).toString('hex'),
): JoinSecrets {
  const { directory, authorityPem } = options;
  const secret = (name: string, given: string | undefined): string => {
    const text = given ?? readTextIfThere(join(directory, name));
    return text === undefined ? random(16) : parseJoinToken(text).password;
  };
  const secrets = { server: secret('token', options.token), node: secret('agent-token', options.agentToken) };
  const node = formatJoinToken(authorityPem, 'node', secrets.node);
  const files = { token: formatJoinToken(authorityPem, 'server', secrets.server), 'agent-token': node, 'node-token': node };
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    if (readTextIfThere(path) !== `${text}\n`) writeFileAtomic(path, `${text}\n`, { mode: 0o600 });
  }
  return secrets;
}

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
