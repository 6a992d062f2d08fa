// Validation of affinity and of label selectors. Pure. Rules: "Assigning Pods to Nodes".

import type { FieldError } from '../status-error.ts';
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  TopologySelectorTerm,
} from '../types/core-v1.gen.ts';
import type { LabelSelector } from '../types/meta-v1.gen.ts';
import { checkString, duplicateValue, eachItem, forbiddenValue, invalidValue, requiredValue } from './field-error.ts';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName, validateLabels } from './object-meta.ts';

const NODE_OPERATORS = ['DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'];
/** What is wrong with label keys that no selector goes with. */
export const NO_SELECTOR = 'must not be specified when labelSelector is not set';
/** What is wrong with a label key that the selector has too. */
export const IN_BOTH = 'exists in both matchLabelKeys and labelSelector';
const LABEL_OPERATORS = ['DoesNotExist', 'Exists', 'In', 'NotIn'];

/** Validates a label selector; an absent one is the caller's matter. */
export function validateLabelSelector(path: string, selector: LabelSelector | undefined): FieldError[] {
  if (!selector) return [];
  return [
    ...validateLabels(selector.matchLabels ?? {}, `${path}.matchLabels`),
    ...eachItem(`${path}.matchExpressions`, selector.matchExpressions, ({ key = '', operator = '', values }, at) => {
      const known = LABEL_OPERATORS.includes(operator);
      return [
        ...(known ? valuesFor(at, operator, values) : [invalidValue(`${at}.operator`, operator, 'not a valid selector operator')]),
        ...checkString(`${at}.key`, key, qualifiedName),
        ...eachItem(`${at}.values`, values, (value, field) => checkString(field, value, labelValue)),
      ];
    }),
  ];
}

/** Whether the requirement at `path` has as many values as its operator takes; operators that are not known take any. */
export function valuesFor(path: string, operator: string, values: readonly string[] | undefined): FieldError[] {
  const some = (values?.length ?? 0) > 0;
  if ((operator === 'In' || operator === 'NotIn') && !some)
    return [requiredValue(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
  if ((operator === 'Exists' || operator === 'DoesNotExist') && some)
    return [forbiddenValue(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
  return [];
}

/** Whether the values of node labels are checked: preferences may hope for labels that cannot be. */
type Strictness = 'strict' | 'keys';

/** Validates the affinity of a pod. */
export function validateAffinity(path: string, affinity: Affinity | undefined): FieldError[] {
  if (!affinity) return [];
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const at = `${path}.nodeAffinity`;
  return [
    ...(required ? validateNodeSelector(`${at}.requiredDuringSchedulingIgnoredDuringExecution`, required) : []),
    ...eachItem(
      `${at}.preferredDuringSchedulingIgnoredDuringExecution`,
      nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution,
      (term, field) => [
        ...validateWeight(`${field}.weight`, term.weight),
        ...validateNodeTerm(term.preference ?? {}, `${field}.preference`, 'keys'),
      ],
    ),
    ...(podAffinity ? validatePodAffinity(`${path}.podAffinity`, podAffinity) : []),
    ...(podAntiAffinity ? validatePodAffinity(`${path}.podAntiAffinity`, podAntiAffinity) : []),
  ];
}

/** Validates a choice of nodes: at least one term. */
export function validateNodeSelector(path: string, selector: NodeSelector): FieldError[] {
  const at = `${path}.nodeSelectorTerms`;
  if (!selector.nodeSelectorTerms?.length) return [requiredValue(at, 'must have at least one node selector term')];
  return eachItem(at, selector.nodeSelectorTerms, (term, field) => validateNodeTerm(term, field, 'strict'));
}

function validateNodeTerm(term: NodeSelectorTerm, path: string, strictness: Strictness): FieldError[] {
  return [
    ...eachItem(`${path}.matchExpressions`, term.matchExpressions, (requirement, at) => validateRequirement(requirement, at, strictness)),
    ...eachItem(`${path}.matchFields`, term.matchFields, validateFieldRequirement),
  ];
}

const NO_OPERATOR = 'not a valid selector operator';

function validateRequirement({ key, operator, values }: NodeSelectorRequirement, path: string, strictness: Strictness): FieldError[] {
  const errors: FieldError[] = [];
  if (!NODE_OPERATORS.includes(operator)) errors.push(invalidValue(`${path}.operator`, operator ?? '', NO_OPERATOR));
  else if (operator !== 'Gt' && operator !== 'Lt') errors.push(...valuesFor(path, operator, values));
  else if (values?.length !== 1)
    errors.push(requiredValue(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  errors.push(...checkString(`${path}.key`, key ?? '', qualifiedName));
  if (strictness === 'keys') return errors;
  return [...errors, ...eachItem(`${path}.values`, values, (value, at) => checkString(at, value, labelValue))];
}

/** Of a node's fields only its name can be asked for. */
function validateFieldRequirement({ key, operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') errors.push(invalidValue(`${path}.operator`, operator ?? '', NO_OPERATOR));
  else if (values.length !== 1) {
    const why = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(requiredValue(`${path}.values`, why));
  }
  if (key !== 'metadata.name') return [...errors, invalidValue(`${path}.key`, key ?? '', 'not a valid field selector key')];
  return [...errors, ...eachItem(`${path}.values`, values, (value, at) => checkString(at, value, dnsSubdomain))];
}

function validateWeight(field: string, weight: number): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalidValue(field, weight ?? 0, 'must be in the range 1-100')];
}

function validatePodAffinity(path: string, affinity: PodAffinity): FieldError[] {
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred } = affinity;
  return [
    ...eachItem(`${path}.requiredDuringSchedulingIgnoredDuringExecution`, required, validatePodTerm),
    ...eachItem(`${path}.preferredDuringSchedulingIgnoredDuringExecution`, preferred, (term, at) => [
      ...validateWeight(`${at}.weight`, term.weight),
      ...validatePodTerm(term.podAffinityTerm, `${at}.podAffinityTerm`),
    ]),
  ];
}

function validatePodTerm(term: PodAffinityTerm, path: string): FieldError[] {
  const errors = [
    ...validateLabelSelector(`${path}.labelSelector`, term.labelSelector),
    ...validateLabelSelector(`${path}.namespaceSelector`, term.namespaceSelector),
  ];
  for (const name of term.namespaces ?? []) errors.push(...checkString(`${path}.namespace`, name, dnsLabel));
  errors.push(...validateTermKeys(path, term));
  if (!term.topologyKey) errors.push(requiredValue(`${path}.topologyKey`, 'can not be empty'));
  return [...errors, ...checkString(`${path}.topologyKey`, term.topologyKey ?? '', qualifiedName)];
}

/** The selector holds already what the keys became when the pod was created: only a key that stands there twice was also chosen by the user. */
function validateTermKeys(path: string, { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: PodAffinityTerm): FieldError[] {
  if (matchLabelKeys.length === 0 && mismatchLabelKeys.length === 0) return [];
  const keys = (field: string, list: readonly string[]): FieldError[] => {
    if (list.length === 0) return [];
    if (!labelSelector) return [forbiddenValue(`${path}.${field}`, NO_SELECTOR)];
    return eachItem(`${path}.${field}`, list, (key, at) => checkString(at, key, qualifiedName));
  };
  const errors = [...keys('matchLabelKeys', matchLabelKeys), ...keys('mismatchLabelKeys', mismatchLabelKeys)];
  const seen = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const index = matchLabelKeys.lastIndexOf(key);
    if (index >= 0 && seen.has(key)) errors.push(invalidValue(`${path}[${index}]`, key, IN_BOTH));
    seen.add(key);
  }
  for (const [index, key] of matchLabelKeys.entries()) {
    if (mismatchLabelKeys.includes(key))
      errors.push(invalidValue(`${path}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys'));
  }
  return errors;
}

/** Validates where volumes of a class may be: keys once, values once. */
export function validateTopologies(path: string, terms: readonly TopologySelectorTerm[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return eachItem(path, terms, ({ matchLabelExpressions = [] }, at) => {
    const keys = new Set<string>();
    const errors = eachItem(`${at}.matchLabelExpressions`, matchLabelExpressions, ({ key, values = [] }, field) => {
      const faults = values.length === 0 ? [requiredValue(`${field}.values`)] : [];
      for (const [index, value] of values.entries())
        if (values.indexOf(value) < index) faults.push(duplicateValue(`${field}.values[${index}]`, value));
      faults.push(...checkString(`${field}.key`, key ?? '', qualifiedName));
      if (keys.has(key)) faults.push(duplicateValue(`${field}.key`, key));
      keys.add(key);
      return faults;
    });
    const form = JSON.stringify(matchLabelExpressions.map(({ key, values = [] }) => [key, [...values].sort()]).sort());
    // Upstream begins with a list of terms that say nothing: another such term is one too many.
    if (matchLabelExpressions.length === 0 || seen.has(form)) errors.push(duplicateValue(`${at}.matchLabelExpressions`, ''));
    seen.add(form);
    return errors;
  });
}
