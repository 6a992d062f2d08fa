// Validation of the SubjectAccessReview family (authorization.k8s.io/v1). Pure.
// https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/

import type { KubeObject } from '../object.ts';
import type { FieldError } from '../status-error.ts';
import type * as authorization from '../types/authorization-v1.gen.ts';
import type { FieldSelectorRequirement, LabelSelectorRequirement } from '../types/meta-v1.gen.ts';
import { valuesFor } from './affinity.ts';
import { checkString, eachItem, invalidValue, requiredValue } from './field-error.ts';
import { labelValue, qualifiedName } from './object-meta.ts';

/** The kinds that are validated here. */
export type AccessReviewKind = 'SubjectAccessReview' | 'LocalSubjectAccessReview' | 'SelfSubjectAccessReview';

type Spec = Partial<authorization.SubjectAccessReviewSpec>;

/** The faults of a review. `object` was decoded as one of that kind. */
export function validateAccessReview(kind: AccessReviewKind, { metadata, spec }: KubeObject & { readonly spec?: Spec }): FieldError[] {
  return [
    ...validateSpec(kind, spec ?? {}),
    ...(kind === 'LocalSubjectAccessReview' ? validateLocal(metadata, spec ?? {}) : validateBare(metadata)),
  ];
}

function validateSpec(kind: AccessReviewKind, spec: Spec): FieldError[] {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const isNobody = kind !== 'SelfSubjectAccessReview' && !spec.user && !spec.groups?.length;
  return [
    ...(resource && path
      ? [invalidValue('spec.nonResourceAttributes', path, 'cannot be specified in combination with resourceAttributes')]
      : []),
    ...(resource || path
      ? []
      : [invalidValue('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')]),
    ...(isNobody ? [invalidValue('spec.user', '', 'at least one of user or group must be specified')] : []),
    ...validateSelector('spec.resourceAttributes.fieldSelector', resource?.fieldSelector, validateFieldRequirement),
    ...validateSelector('spec.resourceAttributes.labelSelector', resource?.labelSelector, validateLabelRequirement),
  ];
}

function validateBare(metadata: KubeObject['metadata']): FieldError[] {
  const { managedFields: _, ...rest } = metadata;
  return Object.keys(rest).length === 0 ? [] : [invalidValue('metadata', metadata, 'must be empty')];
}

function validateLocal(
  metadata: KubeObject['metadata'],
  { resourceAttributes: resource, nonResourceAttributes: path }: Spec,
): FieldError[] {
  const { managedFields: _, namespace = '', ...rest } = metadata;
  const wished = resource?.namespace ?? '';
  return [
    ...(Object.keys(rest).length === 0 ? [] : [invalidValue('metadata', metadata, 'must be empty except for namespace')]),
    ...(resource && wished !== namespace
      ? [invalidValue('spec.resourceAttributes.namespace', wished, 'must match metadata.namespace')]
      : []),
    ...(path ? [invalidValue('spec.nonResourceAttributes', path, 'disallowed on this kind of request')] : []),
  ];
}

/** A selector is said in one of its two forms. */
function validateSelector<T>(
  field: string,
  selector: { readonly rawSelector?: string; readonly requirements?: readonly T[] } | undefined,
  check: (requirement: T, path: string) => FieldError[],
): FieldError[] {
  if (!selector) return [];
  const { rawSelector = '', requirements = [] } = selector;
  const why = `when ${field} is specified, requirements or rawSelector is required`;
  return [
    ...(rawSelector !== '' && requirements.length > 0
      ? [invalidValue(`${field}.rawSelector`, rawSelector, 'may not specified at the same time as requirements')]
      : []),
    ...(rawSelector === '' && requirements.length === 0 ? [requiredValue(`${field}.requirements`, why)] : []),
    ...eachItem(`${field}.requirements`, requirements, check),
  ];
}

function validateFieldRequirement(requirement: FieldSelectorRequirement, path: string): FieldError[] {
  return [
    ...(requirement.key ? [] : [requiredValue(`${path}.key`, 'must be specified')]),
    ...valuesFor(path, requirement.operator, requirement.values),
  ];
}

function validateLabelRequirement(requirement: LabelSelectorRequirement, path: string): FieldError[] {
  return [
    // An operator that is not known is no fault: a newer client may know more, and what is not understood is ignored.
    ...valuesFor(path, requirement.operator, requirement.values),
    ...checkString(`${path}.key`, requirement.key, qualifiedName),
    ...eachItem(`${path}.values`, requirement.values, (value, at) => checkString(at, value, labelValue)),
  ];
}
