// The continue token of paged lists: base64url of JSON with the revision and the key to go on from, as upstream encodes it.

import { badRequest, type StatusError } from '../../api/status-error.ts';

/** Where a list goes on. */
export interface ContinueToken {
  /** Revision of the first page; -1 = go on with whatever is there now. */
  readonly revision: number;
  /** The key, without the resource's prefix, after which the page begins. */
  readonly after: string;
}

/** Encodes; the page starts after the key `after` (without the prefix of the resource). */
export function encodeContinue(revision: number, after: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\u0000` })).toString('base64url');
}

const invalidToken = (why: string): StatusError => badRequest(`invalid continue token: ${why}`);

/** Decodes. @throws StatusError BadRequest */
export function decodeContinue(token: string): ContinueToken {
  const value = parse(token);
  if (typeof value !== 'object' || value === null) throw invalidToken('continue key is not valid');
  const { v, rv, start } = value as { v?: unknown; rv?: unknown; start?: unknown };
  if (v !== 'meta.k8s.io/v1')
    throw invalidToken(`continue key is not valid: server does not recognize this encoded version ${JSON.stringify(v ?? '')}`);
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0)
    throw invalidToken('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || start === '')
    throw invalidToken('continue key is not valid: encoded start key empty (version meta.k8s.io/v1)');
  const clean = start.startsWith('/') ? start.slice(1) : start;
  if (clean.split('/').includes('..')) throw invalidToken(`continue key is not valid: ${start}`);
  return { revision: rv, after: clean.endsWith('\0') ? clean.slice(0, -1) : clean };
}

function parse(token: string): unknown {
  if (!/^[A-Za-z0-9_=-]+$/.test(token)) return undefined;
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    // Any text can arrive here; the caller answers 400.
    return undefined;
  }
}
