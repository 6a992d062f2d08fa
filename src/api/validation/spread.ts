// Validation of topology spread constraints. Pure. Rules: "Pod Topology Spread Constraints".

import type { FieldError } from '../status-error.ts';
import type { TopologySpreadConstraint } from '../types/core-v1.gen.ts';
import { IN_BOTH, NO_SELECTOR, validateLabelSelector } from './affinity.ts';
import { checkString, duplicateValue, eachItem, forbiddenValue, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { qualifiedName } from './object-meta.ts';

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway'];
const INCLUSIONS = ['Honor', 'Ignore'];

/** Validates the spread constraints of a pod. */
export function validateSpread(path: string, constraints: readonly TopologySpreadConstraint[] | undefined): FieldError[] {
  return eachItem(path, constraints, (constraint, at, index) => {
    const { maxSkew, topologyKey, whenUnsatisfiable: action, nodeAffinityPolicy, nodeTaintsPolicy } = constraint;
    const again = constraints?.slice(index + 1).some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === action);
    return [
      ...(maxSkew > 0 ? [] : [invalidValue(`${at}.maxSkew`, maxSkew ?? 0, 'must be greater than zero')]),
      ...(topologyKey ? [] : [requiredValue(`${at}.topologyKey`, 'can not be empty')]),
      ...(ACTIONS.includes(action) ? [] : [notSupported(`${at}.whenUnsatisfiable`, action ?? '', ACTIONS)]),
      ...(again ? [duplicateValue(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`)] : []),
      ...validateMinDomains(`${at}.minDomains`, constraint),
      ...checkInclusion(`${at}.nodeAffinityPolicy`, nodeAffinityPolicy),
      ...checkInclusion(`${at}.nodeTaintsPolicy`, nodeTaintsPolicy),
      ...validateMatchKeys(`${at}.matchLabelKeys`, constraint),
      ...validateLabelSelector(`${at}.labelSelector`, constraint.labelSelector),
    ];
  });
}

function checkInclusion(field: string, policy: string | undefined): FieldError[] {
  return policy === undefined || INCLUSIONS.includes(policy) ? [] : [notSupported(field, policy, INCLUSIONS)];
}

function validateMinDomains(field: string, { minDomains, whenUnsatisfiable }: TopologySpreadConstraint): FieldError[] {
  if (minDomains === undefined) return [];
  const errors = minDomains > 0 ? [] : [invalidValue(field, minDomains, 'must be greater than zero')];
  const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
  return whenUnsatisfiable === 'DoNotSchedule' ? errors : [...errors, invalidValue(field, minDomains, why)];
}

function validateMatchKeys(path: string, { matchLabelKeys: keys, labelSelector: selector }: TopologySpreadConstraint): FieldError[] {
  if (!keys?.length) return [];
  const used = new Set([...Object.keys(selector?.matchLabels ?? {}), ...(selector?.matchExpressions ?? []).map(({ key }) => key)]);
  return [
    ...(selector ? [] : [forbiddenValue(path, NO_SELECTOR)]),
    ...eachItem(path, keys, (key, at) => [
      ...checkString(at, key, qualifiedName),
      ...(used.has(key) ? [invalidValue(at, key, IN_BOTH)] : []),
    ]),
  ];
}
