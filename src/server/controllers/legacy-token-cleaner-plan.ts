// When an unused token that lives in a Secret is marked invalid and when it is deleted. Pure. KEP 2799;
// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#legacy-serviceaccount-token-cleaner

import { dayOf, INVALID_SINCE_LABEL, isDay, LAST_USED_LABEL } from '../../api/legacy-token.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ConfigMap, Secret, ServiceAccount } from '../../api/types/core-v1.gen.ts';
import { accountOf, isAccountOf } from './service-account-token-plan.ts';

/** A token is marked when unused for this long, and deleted when marked for this long: upstream's default of --legacy-service-account-token-clean-up-period. */
const CLEAN_UP_PERIOD_MS = 8_760 * 3_600_000;
const DAY_MS = 86_400_000;

/** The ConfigMap that says since which day uses are noted. */
export const TRACKING = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' };

/** The data that ConfigMap should have at `now` (ms); undefined when it says a day already. */
export function trackingData(tracking: ConfigMap | undefined, now: number): Record<string, string> | undefined {
  return isDay(tracking?.data?.['since']) ? undefined : { ...tracking?.data, since: dayOf(now) };
}

/** Whether uses have been noted for so long at `now` (ms) that a token without one is unused. The first day counts from its end. */
export function trackedLongEnough(tracking: ConfigMap, now: number): boolean {
  const since = tracking.data?.['since'];
  return isDay(since) && now >= Date.parse(`${since}T00:00:00Z`) + DAY_MS + CLEAN_UP_PERIOD_MS;
}

/** Whether this Secret holds a token that is old at `now` (ms) and was not used. A day that cannot be read says nothing: false. */
export function isUnused(secret: Secret & KubeObject, now: number): boolean {
  const { creationTimestamp, deletionTimestamp, labels } = secret.metadata;
  const from = now - CLEAN_UP_PERIOD_MS;
  if (accountOf(secret) === undefined || deletionTimestamp || !(Date.parse(creationTimestamp ?? '') < from)) return false;
  const lastUsed = labels?.[LAST_USED_LABEL];
  return lastUsed === undefined || (isDay(lastUsed) && lastUsed < dayOf(from));
}

/** What else decides about an unused token. */
export interface TokenSurroundings {
  readonly account: (ServiceAccount & KubeObject) | undefined;
  /** Secrets that pods of the namespace name. */
  readonly mounted: ReadonlySet<string>;
}

/**
 * What to do at `now` (ms) with a Secret that `isUnused`. Only a token that its account lists was made by a controller of old; one that
 * somebody made by hand stays, and so does one that a pod names.
 */
export function unusedTokenStep(
  secret: Secret & KubeObject,
  { account, mounted }: TokenSurroundings,
  now: number,
): 'keep' | 'mark' | 'delete' {
  const { name = '', labels } = secret.metadata;
  const generated = account && isAccountOf(account, secret) && account.secrets?.some((reference) => reference.name === name);
  if (!generated || mounted.has(name)) return 'keep';
  const since = labels?.[INVALID_SINCE_LABEL];
  if (!isDay(since)) return 'mark';
  return since < dayOf(now - CLEAN_UP_PERIOD_MS) ? 'delete' : 'keep';
}
