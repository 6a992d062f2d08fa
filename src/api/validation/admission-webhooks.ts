// Validation of webhook configurations. What was let through once by older rules may stay as it is: upstream asks less of an update whose
// object was at fault before. Rules: the API reference of admissionregistration.k8s.io/v1; texts are upstream's. Pure.

import { deepEqual } from '../copy.ts';
import type { FieldError } from '../status-error.ts';
import type { MatchCondition, MutatingWebhook, ValidatingWebhook } from '../types/admissionregistration-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import { checkAmong, duplicateValue, eachItem, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { FAILURE_POLICIES, MATCH_POLICIES, validateRule } from './match-rules.ts';
import { dns1035Label, dnsSubdomain } from './object-meta.ts';
import { clientConfigFaults } from './webhook-client-config.ts';

const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const WITHOUT_SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const SIDE_EFFECTS = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];
const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];
const MAX_TIMEOUT = 30;

/** A webhook of either sort. */
export type Webhook = ValidatingWebhook | MutatingWebhook;

/** Checks match conditions, which are expressions. */
export type CheckConditions = (conditions: readonly MatchCondition[] | undefined, path: string) => FieldError[];

/** What is asked of every webhook. */
interface Demands {
  readonly noSideEffects: boolean;
  readonly knownVersion: boolean;
  readonly uniqueNames: boolean;
  readonly validSelectors: boolean;
  readonly conditions: CheckConditions;
}

/** The faults of a configuration's webhooks; `old` = those before an update. */
export function webhookFaults(
  webhooks: readonly Webhook[] | undefined,
  old: readonly Webhook[] | undefined,
  conditions: CheckConditions,
): FieldError[] {
  const list = webhooks ?? [];
  const demands = demandsOf(list, old, conditions);
  return eachItem('webhooks', list, (webhook, path, index) => [
    ...oneFaults(webhook, path, demands),
    ...versionFaults(webhook.admissionReviewVersions ?? [], `${path}.admissionReviewVersions`, demands),
    ...(demands.uniqueNames && webhook.name !== '' && list.findIndex(({ name }) => name === webhook.name) < index
      ? [duplicateValue(`${path}.name`, webhook.name)]
      : []),
  ]);
}

function demandsOf(list: readonly Webhook[], old: readonly Webhook[] | undefined, conditions: CheckConditions): Demands {
  const same = old?.length === list.length && old.every((webhook, i) => deepEqual(webhook.matchConditions, list[i]?.matchConditions));
  return {
    noSideEffects: (old ?? []).every(({ sideEffects = '' }) => WITHOUT_SIDE_EFFECTS.includes(sideEffects)),
    knownVersion: (old ?? []).every(({ admissionReviewVersions: all = [] }) => all.length === 0 || all.some(isKnownVersion)),
    uniqueNames: new Set(old?.map(({ name }) => name)).size === (old ?? []).length,
    validSelectors: (old ?? []).every((webhook) => selectorFaults(webhook, '').length === 0),
    conditions: same ? () => [] : conditions,
  };
}

const isKnownVersion = (version: string): boolean => REVIEW_VERSIONS.includes(version);

function oneFaults(webhook: Webhook, path: string, demands: Demands): FieldError[] {
  const { name = '', rules, failurePolicy, matchPolicy, timeoutSeconds } = webhook;
  const timely = timeoutSeconds === undefined || (timeoutSeconds >= 1 && timeoutSeconds <= MAX_TIMEOUT);
  return [
    ...nameFaults(name, `${path}.name`),
    ...eachItem(`${path}.rules`, rules, validateRule),
    ...checkAmong(`${path}.failurePolicy`, failurePolicy, FAILURE_POLICIES),
    ...checkAmong(`${path}.matchPolicy`, matchPolicy, MATCH_POLICIES),
    ...sideEffectFaults(webhook.sideEffects, `${path}.sideEffects`, demands),
    ...(timely ? [] : [invalidValue(`${path}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds')]),
    ...(demands.validSelectors ? selectorFaults(webhook, `${path}.`) : []),
    ...('reinvocationPolicy' in webhook ? checkAmong(`${path}.reinvocationPolicy`, webhook.reinvocationPolicy, REINVOCATION_POLICIES) : []),
    ...clientConfigFaults(webhook.clientConfig ?? {}, `${path}.clientConfig`),
    ...demands.conditions(webhook.matchConditions, `${path}.matchConditions`),
  ];
}

function nameFaults(name: string, path: string): FieldError[] {
  if (name === '') return [requiredValue(path)];
  const why = dnsSubdomain(name);
  if (why.length > 0) return [invalidValue(path, name, why.join(','))];
  if (name.split('.').length >= 3) return [];
  return [invalidValue(path, name, 'should be a domain with at least three segments separated by dots')];
}

function sideEffectFaults(value: string | undefined, path: string, { noSideEffects }: Demands): FieldError[] {
  const allowed = noSideEffects ? WITHOUT_SIDE_EFFECTS : SIDE_EFFECTS;
  if (value === undefined) return [requiredValue(path, `must specify one of ${allowed.join(', ')}`)];
  return allowed.includes(value) ? [] : [notSupported(path, value, allowed)];
}

function selectorFaults({ namespaceSelector, objectSelector }: Webhook, prefix: string): FieldError[] {
  return [
    ...validateLabelSelector(`${prefix}namespaceSelector`, namespaceSelector),
    ...validateLabelSelector(`${prefix}objectSelector`, objectSelector),
  ];
}

function versionFaults(versions: readonly string[], path: string, { knownVersion }: Demands): FieldError[] {
  const known = REVIEW_VERSIONS.join(', ');
  if (versions.length === 0) return [requiredValue(path, `must specify one of ${known}`)];
  const faults = eachItem(path, versions, (version, at, index) => {
    if (versions.indexOf(version) < index) return [invalidValue(at, version, 'duplicate version')];
    return dns1035Label(version).map((why) => invalidValue(at, version, why));
  });
  if (!knownVersion || versions.some(isKnownVersion)) return faults;
  return [...faults, invalidValue(path, versions, `must include at least one of ${known}`)];
}
