// What to do about a Secret that is to hold a service account's token: pure. Kubernetes documentation, "Configure Service Accounts
// for Pods: Manually create a long-lived API token".

import type { KubeObject } from '../../api/object.ts';
import type { Secret, ServiceAccount } from '../../api/types/core-v1.gen.ts';

/** Type of these Secrets. */
export const TOKEN_SECRET_TYPE = 'kubernetes.io/service-account-token';
const NAME = 'kubernetes.io/service-account.name';
const UID = 'kubernetes.io/service-account.uid';

/** Name of the account a Secret is for; `undefined` when it does not say. */
export function accountOf({ type, metadata }: Secret & KubeObject): string | undefined {
  return type === TOKEN_SECRET_TYPE ? metadata.annotations?.[NAME] || undefined : undefined;
}

/** Whether a Secret is of this account, and not of an earlier one of its name. Before it is filled it does not say. */
export function isAccountOf({ metadata }: ServiceAccount & KubeObject, secret: Secret & KubeObject): boolean {
  const uid = secret.metadata.annotations?.[UID];
  return accountOf(secret) === metadata.name && (!uid || uid === metadata.uid);
}

/** The next step. `fill` = write this Secret; its token is still to be made where `needsToken`. */
export type TokenSecretPlan =
  | { readonly type: 'nothing' }
  | { readonly type: 'delete' }
  | { readonly type: 'fill'; readonly secret: Secret & KubeObject; readonly needsToken: boolean };

/** Compares a Secret with its account. One whose account is not there, or is another of that name, goes. `rootCa` is PEM. */
export function planTokenSecret(
  secret: Secret & KubeObject,
  account: (ServiceAccount & KubeObject) | undefined,
  rootCa: string,
): TokenSecretPlan {
  if (accountOf(secret) === undefined || secret.metadata.deletionTimestamp) return { type: 'nothing' };
  const { annotations = {}, namespace = '' } = secret.metadata;
  const uid = account?.metadata.uid;
  if (!account || uid === undefined || !isAccountOf(account, secret)) return { type: 'delete' };
  const wanted = { 'ca.crt': base64(rootCa), namespace: base64(namespace) };
  const needsToken = !secret.data?.['token'];
  const complete = secret.data?.['ca.crt'] === wanted['ca.crt'] && secret.data['namespace'] === wanted.namespace;
  if (complete && !needsToken && annotations[UID] === uid) return { type: 'nothing' };
  const metadata = { ...secret.metadata, annotations: { ...annotations, [UID]: uid } };
  return { type: 'fill', needsToken, secret: { ...secret, metadata, data: { ...secret.data, ...wanted } } };
}

/** A value of a Secret. */
export const base64 = (text: string): string => Buffer.from(text).toString('base64');
