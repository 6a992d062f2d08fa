// Front proxies: who shows a certificate of the request header authority says in headers which user it speaks for.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#authenticating-proxy

import type { Clock } from '../../base/clock.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { Authenticator, Credentials } from './auth.ts';
import { AUTHENTICATED } from './auth-groups.ts';
import { AUTH_PROXY_HEADERS } from './auth-proxy-headers.ts';
import { ClientCertificateAuthenticator } from './client-certificate-authenticator.ts';
import { extraKey, headerValues } from './header-values.ts';

/** Which front proxies are believed. */
export interface FrontProxyOptions {
  /** PEM of the authority of front proxies: another one than that of clients. */
  readonly authority: string;
  /** Common names of those that are believed. */
  readonly names: readonly string[];
}

const EXTRA_PREFIX = AUTH_PROXY_HEADERS.extraPrefix.toLowerCase();
const UNAUTHENTICATED = 'system:unauthenticated';

/** Authenticates the user a front proxy names. Other certificates, and front proxies that name nobody, are left to other authenticators. */
export function frontProxyAuthenticator(options: FrontProxyOptions, deps: { clock: Pick<Clock, 'now'> }): Authenticator {
  const certificates = new ClientCertificateAuthenticator({ authorities: [options.authority] }, deps);
  const isBelieved = async (credentials: Credentials): Promise<boolean> => {
    try {
      const proxy = await certificates.authenticate(credentials);
      return proxy !== undefined && options.names.includes(proxy.name);
    } catch {
      return false; // Not a certificate of this authority, or no longer valid: another authenticator may know it.
    }
  };
  return {
    async authenticate(credentials) {
      const headers = headerValues(credentials.rawHeaders ?? []);
      const name = headers.get(AUTH_PROXY_HEADERS.user.toLowerCase())?.find((text) => text !== '');
      if (name === undefined || !(await isBelieved(credentials))) return undefined;
      return namedUser(name, headers);
    },
  };
}

function namedUser(name: string, headers: ReadonlyMap<string, string[]>): UserInfo {
  const uid = headers.get(AUTH_PROXY_HEADERS.uid.toLowerCase())?.[0];
  const groups = headers.get(AUTH_PROXY_HEADERS.group.toLowerCase()) ?? [];
  const extra = [...headers].flatMap(([header, values]): [string, string[]][] =>
    header.startsWith(EXTRA_PREFIX) ? [[extraKey(header, EXTRA_PREFIX), values]] : [],
  );
  const isMarked = groups.includes(AUTHENTICATED) || groups.includes(UNAUTHENTICATED) || name === 'system:anonymous';
  return {
    name,
    groups: isMarked ? groups : [...groups, AUTHENTICATED],
    ...(uid && { uid }),
    ...(extra.length > 0 && { extra: Object.fromEntries(extra) }),
  };
}
