// Impersonation: the user a request wants to act as, and what that demands of who asks. Pure.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation

import { badRequest } from '../../api/status-error.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { AccessAttributes } from '../auth/auth.ts';
import { AUTHENTICATED } from '../auth/auth-groups.ts';
import { extraKey, headerValues } from '../auth/header-values.ts';

/** A wish, as the request says it. */
export interface ImpersonationWish {
  readonly name: string;
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

const UNAUTHENTICATED = 'system:unauthenticated';
const ANONYMOUS_NAME = 'system:anonymous';
const EXTRA_PREFIX = 'impersonate-extra-';

/** The wish in a request's headers (name and value in turn); undefined = none. @throws StatusError BadRequest for anything but a user alone */
export function impersonationWish(rawHeaders: readonly string[]): ImpersonationWish | undefined {
  // Most requests wish for nothing: they are told apart without reading all headers.
  if (!rawHeaders.some((text, at) => at % 2 === 0 && /^impersonate-/i.test(text))) return undefined;
  const headers = headerValues(rawHeaders);
  const name = headers.get('impersonate-user')?.[0] ?? '';
  const uid = headers.get('impersonate-uid')?.[0] || undefined;
  const groups = headers.get('impersonate-group') ?? [];
  const extra: Record<string, string[]> = {};
  for (const [header, values] of headers) {
    if (!header.startsWith(EXTRA_PREFIX)) continue;
    const key = extraKey(header, EXTRA_PREFIX);
    extra[key] = [...(extra[key] ?? []), ...values];
  }
  const wish = { name, uid, groups, extra };
  if (name !== '') return wish;
  if (uid === undefined && groups.length === 0 && Object.keys(extra).length === 0) return undefined;
  throw badRequest(`requested ${JSON.stringify(wish)} without impersonating a user name`);
}

/** The user that a granted wish makes: groups that come with being somebody are added. */
export function impersonatedUser({ name, uid, groups, extra }: ImpersonationWish): UserInfo {
  return {
    name,
    groups: groupsOf(name, groups),
    ...(uid !== undefined && { uid }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

function groupsOf(name: string, asked: readonly string[]): string[] {
  const account = serviceAccountOf(name);
  const groups = asked.length === 0 && account ? ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`] : [...asked];
  if (name === ANONYMOUS_NAME) return groups.includes(UNAUTHENTICATED) ? groups : [...groups, UNAUTHENTICATED];
  return groups.includes(AUTHENTICATED) || groups.includes(UNAUTHENTICATED) ? groups : [...groups, AUTHENTICATED];
}

function serviceAccountOf(name: string): { readonly namespace: string; readonly name: string } | undefined {
  const [system, kind, namespace, account, ...rest] = name.split(':');
  if (system !== 'system' || kind !== 'serviceaccount' || !namespace || !account || rest.length > 0) return undefined;
  return { namespace, name: account };
}

/** What `user` must be allowed, one thing after the other, to act as wished. */
export function impersonationChecks(user: UserInfo, wish: ImpersonationWish): AccessAttributes[] {
  const check = (group: string, resource: string, rest: { name: string; namespace?: string; subresource?: string }): AccessAttributes => ({
    user,
    verb: 'impersonate',
    resource: { group, version: 'v1', resource, subresource: rest.subresource ?? '', namespace: rest.namespace ?? '', name: rest.name },
  });
  const account = serviceAccountOf(wish.name);
  return [
    account ? check('', 'serviceaccounts', account) : check('', 'users', { name: wish.name }),
    ...wish.groups.map((name) => check('', 'groups', { name })),
    ...Object.entries(wish.extra).flatMap(([key, values]) =>
      values.map((name) => check('authentication.k8s.io', 'userextras', { name, subresource: key })),
    ),
    ...(wish.uid === undefined ? [] : [check('authentication.k8s.io', 'uids', { name: wish.uid })]),
  ];
}
