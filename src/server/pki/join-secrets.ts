// The passwords by which nodes and servers join, on disk as tokens (client/join-token.ts).

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { readTextIfThere, writeFileAtomic } from '../../base/atomic-file.ts';
import { formatJoinToken, JOIN_TOKEN_ADVICE, parseJoinToken, type TokenUser } from '../../client/join-token.ts';
import { PkiError } from './errors.ts';

/** The passwords of a cluster. */
export interface JoinSecrets {
  readonly server: string;
  readonly node: string;
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
 * `token`, `agent-token` and `node-token` (what an agent is best given) into `directory`. @throws PkiError `token-invalid`
 */
export function openJoinSecrets(
  options: { directory: string; authorityPem: string; token?: string; agentToken?: string },
  random: (bytes: number) => string = (bytes) => randomBytes(bytes).toString('hex'),
): JoinSecrets {
  const { directory, authorityPem } = options;
  const secret = (name: string, given: string | undefined): string => {
    const text = given ?? readTextIfThere(join(directory, name));
    return text === undefined ? random(16) : passwordOf(text);
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

function passwordOf(text: string): string {
  const token = parseJoinToken(text);
  if (!token) throw new PkiError('token-invalid', JOIN_TOKEN_ADVICE);
  return token.password;
}

function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
