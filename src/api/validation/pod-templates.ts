// Validation of pod templates, and of the two kinds of the core group that hold one: PodTemplate and ReplicationController. Pure.

import { labelSelectorMatcher } from '../labels.ts';
import type { FieldError } from '../status-error.ts';
import type { PodTemplate, PodTemplateSpec, ReplicationController } from '../types/core-v1.gen.ts';
import type { LabelSelector } from '../types/meta-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import { checkAtLeast, forbiddenValue, invalidValue, notSupported, requiredValue } from './field-error.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';
import { validatePodAnnotations, validateProfiles } from './pod-annotations.ts';
import { validatePodSpec } from './pod-spec.ts';

/** Validates a template at `path`. */
export function validateTemplate(path: string, template: PodTemplateSpec | undefined): FieldError[] {
  if (!template?.spec) return [requiredValue(path)];
  const { metadata, spec } = template;
  return [
    ...validateLabels(metadata?.labels ?? {}, `${path}.labels`),
    ...validateAnnotations(metadata?.annotations ?? {}, `${path}.annotations`),
    ...validatePodAnnotations(`${path}.annotations`, metadata?.annotations, spec),
    ...validatePodSpec(spec, `${path}.spec`),
    ...validateProfiles(`${path}.spec`, metadata?.annotations, spec),
    ...(spec.ephemeralContainers?.length
      ? [forbiddenValue(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ];
}

/** Validates a template of pods that are meant to run for ever. `kind` is what stands in messages. */
export function validateServiceTemplate(path: string, template: PodTemplateSpec | undefined, kind: string): FieldError[] {
  const errors = validateTemplate(path, template);
  const { restartPolicy = 'Always', activeDeadlineSeconds } = template?.spec ?? {};
  if (restartPolicy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined)
    errors.push(forbiddenValue(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`));
  return errors;
}

/** The labels of a template that its controller's selector must match. */
export function checkTemplateLabels(
  path: string,
  template: PodTemplateSpec | undefined,
  selector: LabelSelector | undefined,
): FieldError[] {
  if (!template) return [];
  const labels = template.metadata?.labels ?? {};
  if (selector && labelSelectorMatcher(selector).matches(labels)) return [];
  return [invalidValue(`${path}.metadata.labels`, template.metadata?.labels ?? null, '`selector` does not match template `labels`')];
}

/** What there is to say of a controller's selector and template beyond the rules that all share. */
export interface SelectorRules {
  /** What stands in the message on an empty selector. */
  readonly kind: string;
  /** What is said, after its own faults, of a selector that none can be selected by. */
  readonly unusable: string;
  readonly template: () => FieldError[];
}

/** A controller's selector: there, not empty, and one that its template matches. Of a template with no selector to use, upstream says nothing. */
export function validateSelected(
  { selector, template }: { readonly selector?: LabelSelector; readonly template?: PodTemplateSpec },
  rules: SelectorRules,
): FieldError[] {
  if (!selector) return [requiredValue('spec.selector'), ...checkTemplateLabels('spec.template', template, selector), ...rules.template()];
  const faults = validateLabelSelector('spec.selector', selector);
  if (faults.length > 0) return [...faults, invalidValue('spec.selector', selector, rules.unusable)];
  if (isEmptySelector(selector))
    return [invalidValue('spec.selector', selector, `empty selector is invalid for ${rules.kind}`), ...rules.template()];
  return [...checkTemplateLabels('spec.template', template, selector), ...rules.template()];
}

/** Whether a selector selects all there is. */
export const isEmptySelector = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean =>
  Object.keys(matchLabels).length + matchExpressions.length === 0;

/** Validates a PodTemplate. */
export function validatePodTemplate({ template }: PodTemplate): FieldError[] {
  return validateTemplate('template', template);
}

/** Validates a ReplicationController. */
export function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  const selector = spec.selector ?? {};
  const empty = Object.keys(selector).length === 0;
  return [
    ...checkAtLeast('spec.minReadySeconds', spec.minReadySeconds, 0),
    ...(empty ? [requiredValue('spec.selector')] : []),
    ...checkAtLeast('spec.replicas', spec.replicas, 0),
    ...(empty ? [] : checkTemplateLabels('spec.template', spec.template, { matchLabels: selector })),
    ...validateServiceTemplate('spec.template', spec.template, 'ReplicationController'),
  ];
}

/** The counts in the status of a controller of pods. */
export interface ReplicaCounts {
  readonly replicas?: number;
  readonly fullyLabeledReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly updatedReplicas?: number;
  readonly currentReplicas?: number;
  readonly unavailableReplicas?: number;
  readonly terminatingReplicas?: number;
  readonly observedGeneration?: number;
  readonly collisionCount?: number;
}

const PARTS = ['fullyLabeledReplicas', 'updatedReplicas', 'readyReplicas', 'currentReplicas', 'availableReplicas'] as const;
const COUNTS = [
  'replicas', ...PARTS, 'unavailableReplicas', 'terminatingReplicas', 'observedGeneration', 'collisionCount',
] as const; // biome-ignore format: a list of names

/** Validates the counts of a status: none negative, no part larger than the whole. `ready` is how upstream names the ready ones here. */
export function validateReplicaCounts(status: ReplicaCounts, old: ReplicaCounts, ready = 'readyReplicas'): FieldError[] {
  const errors = COUNTS.flatMap((name) => checkAtLeast(`status.${name}`, status[name], 0));
  for (const name of PARTS) {
    const count = status[name];
    if (count !== undefined && count > (status.replicas ?? 0))
      errors.push(invalidValue(`status.${name}`, count, 'cannot be greater than status.replicas'));
  }
  const available = status.availableReplicas ?? 0;
  if (available > (status.readyReplicas ?? 0))
    errors.push(invalidValue('status.availableReplicas', available, `cannot be greater than ${ready}`));
  return [...errors, ...checkCollisions(status.collisionCount, old.collisionCount)];
}

/** The count of name collisions only grows. */
export function checkCollisions(now: number | undefined, before: number | undefined): FieldError[] {
  if (before === undefined || (now !== undefined && now >= before)) return [];
  return [invalidValue('status.collisionCount', now ?? 0, 'cannot be decremented')];
}

/** Validates a write of a controller's status. */
export function validateReplicaStatus(object: { status?: ReplicaCounts }, old: { status?: ReplicaCounts }): FieldError[] {
  return validateReplicaCounts(object.status ?? {}, old.status ?? {});
}
