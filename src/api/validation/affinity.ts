// Validation of affinity and of label selectors. Pure. Rules: "Assigning Pods to Nodes".

import type { FieldError } from '../status-error.ts';
import type { Affinity, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm } from '../types/core-v1.gen.ts';
import type { LabelSelector } from '../types/meta-v1.gen.ts';
import { checkRequired, checkString, eachItem, forbiddenValue, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { dnsLabel, labelValue, qualifiedName, validateLabels } from './object-meta.ts';

const NODE_OPERATORS = ['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'];
const LABEL_OPERATORS = ['DoesNotExist', 'Exists', 'In', 'NotIn'];

/** Validates a label selector; an absent one is the caller's matter. */
export function validateLabelSelector(path: string, selector: LabelSelector | undefined): FieldError[] {
  if (!selector) return [];
  return [
    ...validateLabels(selector.matchLabels ?? {}, `${path}.matchLabels`),
    ...eachItem(`${path}.matchExpressions`, selector.matchExpressions, ({ key, operator, values }, at) => {
      const errors = checkString(`${at}.key`, key, qualifiedName);
      if (!LABEL_OPERATORS.includes(operator)) errors.push(invalidValue(`${at}.operator`, operator, 'not a valid selector operator'));
      else errors.push(...valuesFor(at, operator, values));
      return [...errors, ...eachItem(`${at}.values`, values, (value, field) => checkString(field, value, labelValue))];
    }),
  ];
}

function valuesFor(path: string, operator: string, values: readonly string[] | undefined): FieldError[] {
  const some = (values?.length ?? 0) > 0;
  if ((operator === 'In' || operator === 'NotIn') && !some)
    return [requiredValue(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
  if ((operator === 'Exists' || operator === 'DoesNotExist') && some)
    return [forbiddenValue(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  return [];
}

/** Validates the affinity of a pod. */
export function validateAffinity(path: string, affinity: Affinity | undefined): FieldError[] {
  if (!affinity) return [];
  const node = affinity.nodeAffinity;
  const required = node?.requiredDuringSchedulingIgnoredDuringExecution;
  const at = `${path}.nodeAffinity`;
  return [
    ...(required
      ? requiredTerms(`${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`, required.nodeSelectorTerms)
      : []),
    ...eachItem(
      `${at}.preferredDuringSchedulingIgnoredDuringExecution`,
      node?.preferredDuringSchedulingIgnoredDuringExecution,
      (term, field) => [...validateWeight(`${field}.weight`, term.weight), ...validateTerm(term.preference, `${field}.preference`)],
    ),
    ...validatePodAffinity(`${path}.podAffinity`, affinity.podAffinity),
    ...validatePodAffinity(`${path}.podAntiAffinity`, affinity.podAntiAffinity),
  ];
}

function requiredTerms(path: string, terms: readonly NodeSelectorTerm[]): FieldError[] {
  return terms.length === 0 ? [requiredValue(path, 'must have at least one node selector term')] : eachItem(path, terms, validateTerm);
}

function validateTerm(term: NodeSelectorTerm, path: string): FieldError[] {
  return [
    ...eachItem(`${path}.matchExpressions`, term.matchExpressions, validateRequirement),
    ...eachItem(`${path}.matchFields`, term.matchFields, ({ key }, at) =>
      key === 'metadata.name' ? [] : [notSupported(`${at}.key`, key, ['metadata.name'])],
    ),
  ];
}

function validateRequirement({ key, operator, values }: NodeSelectorRequirement, path: string): FieldError[] {
  const errors = checkString(`${path}.key`, key, qualifiedName);
  if (!NODE_OPERATORS.includes(operator)) return [...errors, notSupported(`${path}.operator`, operator, NODE_OPERATORS)];
  if ((operator === 'Gt' || operator === 'Lt') && values?.length !== 1) {
    return [...errors, requiredValue(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
  }
  return [...errors, ...valuesFor(path, operator, values)];
}

function validateWeight(field: string, weight: number): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalidValue(field, weight, 'must be in the range 1-100')];
}

function validatePodAffinity(path: string, affinity: PodAffinity | undefined): FieldError[] {
  return [
    ...eachItem(
      `${path}.requiredDuringSchedulingIgnoredDuringExecution`,
      affinity?.requiredDuringSchedulingIgnoredDuringExecution,
      validatePodTerm,
    ),
    ...eachItem(
      `${path}.preferredDuringSchedulingIgnoredDuringExecution`,
      affinity?.preferredDuringSchedulingIgnoredDuringExecution,
      (term, at) => [...validateWeight(`${at}.weight`, term.weight), ...validatePodTerm(term.podAffinityTerm, `${at}.podAffinityTerm`)],
    ),
  ];
}

function validatePodTerm(term: PodAffinityTerm, path: string): FieldError[] {
  return [
    ...validateLabelSelector(`${path}.labelSelector`, term.labelSelector),
    ...validateLabelSelector(`${path}.namespaceSelector`, term.namespaceSelector),
    ...eachItem(`${path}.namespaces`, term.namespaces, (name, at) => checkString(at, name, dnsLabel)),
    ...(term.topologyKey
      ? checkRequired(`${path}.topologyKey`, term.topologyKey, qualifiedName)
      : [requiredValue(`${path}.topologyKey`, 'can not be empty')]),
  ];
}
