// The headers in which a proxy tells a server behind it who the user is: written for extension API servers, read from front proxies.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#authenticating-proxy

import type { UserInfo } from '../../client/api-backend.ts';

/** The names, as extension API servers are told them in a ConfigMap. */
export const AUTH_PROXY_HEADERS = { user: 'X-Remote-User', uid: 'X-Remote-Uid', group: 'X-Remote-Group', extraPrefix: 'X-Remote-Extra-' };

/** Characters that may stand in a header's name (RFC 9110, 5.6.2); a percent sign is escaped as well, since it begins an escape. */
const PLAIN = /[A-Za-z0-9!#$&'*+.^_`|~-]/;

/** The headers for a user. Values are sent as UTF-8. */
export function authProxyHeaders(user: UserInfo): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { [AUTH_PROXY_HEADERS.user]: octets(user.name) };
  if (user.uid) headers[AUTH_PROXY_HEADERS.uid] = octets(user.uid);
  if (user.groups.length > 0) headers[AUTH_PROXY_HEADERS.group] = user.groups.map(octets);
  for (const [key, values] of Object.entries(user.extra ?? {})) {
    headers[`${AUTH_PROXY_HEADERS.extraPrefix}${escapeKey(key)}`] = values.map(octets);
  }
  return headers;
}

/** node:http writes a header's characters as octets: those of the UTF-8 form. */
function octets(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function escapeKey(key: string): string {
  return [...Buffer.from(key, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return PLAIN.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** Whether a header (lower case) says who the user is, or proves it: nothing that goes on to another server as the client wrote it. */
export function isIdentityHeader(name: string): boolean {
  return name === 'authorization' || name.startsWith('x-remote-') || name.startsWith('impersonate-');
}
