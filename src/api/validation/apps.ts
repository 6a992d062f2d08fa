// Validation of the apps group: Deployment, ReplicaSet, StatefulSet, DaemonSet, ControllerRevision. Pure.

import type { FieldError } from '../status-error.ts';
import type * as apps from '../types/apps-v1.gen.ts';
import type { PodTemplateSpec } from '../types/core-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import { validateClaimSpec } from './claims.ts';
import {
  checkAtLeast,
  checkImmutable,
  checkOptional,
  checkString,
  eachItem,
  forbiddenValue,
  invalidValue,
  notSupported,
  requiredValue,
} from './field-error.ts';
import { internalForm } from './internal-form.ts';
import { dnsLabel } from './object-meta.ts';
import {
  checkCollisions,
  checkTemplateLabels,
  isEmptySelector,
  type ReplicaCounts,
  type SelectorRules,
  validateReplicaCounts,
  validateSelected,
  validateServiceTemplate,
} from './pod-templates.ts';
import { semanticEqual } from './semantic-equal.ts';
import { percentage } from './strings.ts';

type Share = number | string | undefined;

const numberOf = (value: Share): number => (typeof value === 'string' ? Number.parseInt(value, 10) || 0 : (value ?? 0));

/** A number of pods, or a part of them. */
export function checkShare(field: string, value: Share): FieldError[] {
  return typeof value === 'string' ? checkString(field, value, percentage) : checkAtLeast(field, value, 0);
}

/** A part that is not more than the whole. */
export function checkAtMostAll(field: string, value: Share): FieldError[] {
  const over = typeof value === 'string' && percentage(value).length === 0 && numberOf(value) > 100;
  return over ? [invalidValue(field, value, 'must not be greater than 100%')] : [];
}

/** How strategies are shown. */
const STRATEGY = { type: '', rollingUpdate: { maxUnavailable: 0, maxSurge: 0 } };
const STATEFUL_STRATEGY = { type: '', rollingUpdate: { partition: 0, maxUnavailable: null } };

function validateDeploymentStrategy(path: string, strategy: apps.DeploymentStrategy = {}): FieldError[] {
  const { type = 'RollingUpdate', rollingUpdate } = strategy;
  const at = `${path}.rollingUpdate`;
  if (type === 'Recreate') return rollingUpdate ? [forbiddenValue(at, "may not be specified when strategy `type` is 'Recreate'")] : [];
  if (type !== 'RollingUpdate') return [notSupported(path, internalForm(strategy, STRATEGY), ['Recreate', 'RollingUpdate'])];
  const { maxUnavailable = '25%', maxSurge = '25%' } = rollingUpdate ?? {};
  const errors = [...checkShare(`${at}.maxUnavailable`, maxUnavailable), ...checkShare(`${at}.maxSurge`, maxSurge)];
  if (numberOf(maxUnavailable) === 0 && numberOf(maxSurge) === 0)
    errors.push(invalidValue(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  return [...errors, ...checkAtMostAll(`${at}.maxUnavailable`, maxUnavailable)];
}

/** Validates a Deployment. */
export function validateDeployment({ spec }: apps.Deployment): FieldError[] {
  const errors = [
    ...checkAtLeast('spec.replicas', spec.replicas, 0),
    ...validateSelected(spec, REPLICA_RULES(spec)),
    ...validateDeploymentStrategy('spec.strategy', spec.strategy),
    ...checkAtLeast('spec.minReadySeconds', spec.minReadySeconds, 0),
    ...checkAtLeast('spec.revisionHistoryLimit', spec.revisionHistoryLimit, 0),
    ...checkAtLeast('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 0),
  ];
  const deadline = spec.progressDeadlineSeconds;
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0))
    errors.push(invalidValue('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds'));
  return errors;
}

/** Upstream's Deployments and ReplicaSets share their rules, and with them the name of one or the other. */
const REPLICA_RULES = ({ template }: { readonly template?: PodTemplateSpec }): SelectorRules => ({
  kind: 'deployment',
  unusable: 'invalid label selector',
  template: () => validateServiceTemplate('spec.template', template, 'ReplicaSet'),
});

/** Selectors of workloads do not change: the pods a controller owns would be lost. */
export function validateSelectorUpdate(object: { spec: { selector?: unknown } }, old: { spec: { selector?: unknown } }): FieldError[] {
  return checkImmutable('spec.selector', object.spec.selector, old.spec.selector);
}

/** Validates a ReplicaSet. */
export function validateReplicaSet({ spec }: apps.ReplicaSet): FieldError[] {
  return [
    ...checkAtLeast('spec.replicas', spec.replicas, 0),
    ...checkAtLeast('spec.minReadySeconds', spec.minReadySeconds, 0),
    ...validateSelected(spec, REPLICA_RULES(spec)),
  ];
}

/** Validates a DaemonSet. */
export function validateDaemonSet({ spec }: apps.DaemonSet): FieldError[] {
  const { type = 'RollingUpdate', rollingUpdate } = spec.updateStrategy ?? {};
  const errors = [
    ...validateDaemonSelector(spec),
    ...validateServiceTemplate('spec.template', spec.template, 'DaemonSet'),
    ...checkAtLeast('spec.minReadySeconds', spec.minReadySeconds, 0),
  ];
  if (type === 'RollingUpdate' && rollingUpdate) errors.push(...validateDaemonRolling(rollingUpdate));
  else if (type !== 'OnDelete' && type !== 'RollingUpdate')
    errors.push(notSupported('spec.updateStrategy', internalForm(spec.updateStrategy, STRATEGY), ['RollingUpdate', 'OnDelete']));
  return [...errors, ...checkAtLeast('spec.revisionHistoryLimit', spec.revisionHistoryLimit, 0)];
}

/** A DaemonSet without a selector is told that its template does not match; its template is looked at in any case. */
function validateDaemonSelector({ selector, template }: apps.DaemonSetSpec): FieldError[] {
  const faults = validateLabelSelector('spec.selector', selector);
  if (faults.length > 0) return faults;
  const errors = checkTemplateLabels('spec.template', template, selector);
  if (selector && isEmptySelector(selector))
    errors.push(invalidValue('spec.selector', selector, 'empty selector is invalid for daemonset'));
  return errors;
}

/** Pods of a node are replaced either after the old one is gone or before. */
function validateDaemonRolling({ maxUnavailable = 1, maxSurge = 0 }: apps.RollingUpdateDaemonSet): FieldError[] {
  const path = 'spec.updateStrategy.rollingUpdate';
  const errors = [
    ...checkShare(`${path}.maxUnavailable`, maxUnavailable),
    ...checkShare(`${path}.maxSurge`, maxSurge),
    ...checkAtMostAll(`${path}.maxUnavailable`, maxUnavailable),
    ...checkAtMostAll(`${path}.maxSurge`, maxSurge),
  ];
  const [unavailable, surge] = [numberOf(maxUnavailable) !== 0, numberOf(maxSurge) !== 0];
  if (unavailable && surge) errors.push(invalidValue(`${path}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (!unavailable && !surge) errors.push(requiredValue(`${path}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  return errors;
}

/** Validates an update of a DaemonSet; what may not change is told of first. */
export function validateDaemonSetUpdate(object: apps.DaemonSet, old: apps.DaemonSet): FieldError[] {
  return [...validateSelectorUpdate(object, old), ...validateDaemonSet(object)];
}

const DAEMON_COUNTS = [
  'currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration',
  'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable', 'collisionCount',
] as const; // biome-ignore format: a list of names

/** Validates a write of a DaemonSet's status. */
export function validateDaemonSetStatus({ status }: apps.DaemonSet, old: apps.DaemonSet): FieldError[] {
  return [
    ...DAEMON_COUNTS.flatMap((name) => checkAtLeast(`status.${name}`, status?.[name], 0)),
    ...checkCollisions(status?.collisionCount, old.status?.collisionCount),
  ];
}

/** The template as its pods will be: named by the controller, and each claim a volume, also in the place of one of the same name. */
function asPodsWillBe({ template, volumeClaimTemplates = [] }: apps.StatefulSetSpec): PodTemplateSpec {
  if (!template?.spec) return template;
  const { subdomain: _s, hostname: _h, ...spec } = template.spec;
  if (volumeClaimTemplates.length === 0) return { ...template, spec };
  const names = new Set(volumeClaimTemplates.map(({ metadata }) => metadata.name ?? ''));
  const others = (template.spec.volumes ?? []).filter(({ name }) => !names.has(name));
  const claims = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...spec, volumes: [...claims, ...others] } };
}

function validateStatefulStrategy(path: string, strategy: apps.StatefulSetUpdateStrategy = {}): FieldError[] {
  const { type = 'RollingUpdate', rollingUpdate } = strategy;
  const at = `${path}.rollingUpdate`;
  if (type === 'OnDelete')
    return rollingUpdate
      ? [invalidValue(at, internalForm(rollingUpdate, STATEFUL_STRATEGY.rollingUpdate), "only allowed for updateStrategy 'RollingUpdate'")]
      : [];
  if (type !== 'RollingUpdate')
    return [invalidValue(path, internalForm(strategy, STATEFUL_STRATEGY), "must be 'RollingUpdate' or 'OnDelete'")];
  const errors = checkAtLeast(`${at}.partition`, rollingUpdate?.partition, 0);
  const most = rollingUpdate?.maxUnavailable;
  if (most === undefined) return errors;
  errors.push(...checkShare(`${at}.maxUnavailable`, most));
  if (numberOf(most) === 0) errors.push(invalidValue(`${at}.maxUnavailable`, most, 'cannot be 0'));
  return [...errors, ...checkAtMostAll(`${at}.maxUnavailable`, most)];
}

/** Validates a new StatefulSet. */
export function validateStatefulSet(object: apps.StatefulSet): FieldError[] {
  return validateStatefulSpec(object, 'new');
}

/** What cannot be changed later is looked at in new ones only. */
function validateStatefulSpec({ spec }: apps.StatefulSet, age: 'new' | 'old'): FieldError[] {
  const fixed = age === 'new' ? spec : undefined;
  const { podManagementPolicy: management = 'OrderedReady', persistentVolumeClaimRetentionPolicy: retention } = spec;
  const errors: FieldError[] = [];
  if (management !== 'OrderedReady' && management !== 'Parallel')
    errors.push(invalidValue('spec.podManagementPolicy', management, "must be 'OrderedReady' or 'Parallel'"));
  errors.push(...validateStatefulStrategy('spec.updateStrategy', spec.updateStrategy));
  for (const field of ['whenDeleted', 'whenScaled'] as const) {
    const policy = retention?.[field];
    if (policy !== undefined && policy !== 'Retain' && policy !== 'Delete')
      errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, policy, ['Retain', 'Delete']));
  }
  return [
    ...errors,
    ...eachItem('spec.volumeClaimTemplates', fixed?.volumeClaimTemplates, (claim, at) => validateClaimSpec(claim.spec ?? {}, `${at}.spec`)),
    ...checkAtLeast('spec.replicas', spec.replicas, 0),
    ...checkAtLeast('spec.minReadySeconds', spec.minReadySeconds, 0),
    ...checkAtLeast('spec.ordinals.start', spec.ordinals?.start, 0),
    ...checkOptional('spec.serviceName', fixed?.serviceName, dnsLabel),
    ...validateSelected(spec, {
      kind: 'statefulset',
      unusable: '',
      template: () => validateServiceTemplate('spec.template', asPodsWillBe(spec), 'StatefulSet'),
    }),
  ];
}

const STATEFUL_MUTABLE: ReadonlySet<string> = new Set([
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]);

/** Validates an update of a StatefulSet. */
export function validateStatefulSetUpdate(object: apps.StatefulSet, old: apps.StatefulSet): FieldError[] {
  const [now, before]: Record<string, unknown>[] = [{ ...object.spec }, { ...old.spec }];
  const names = new Set([...Object.keys(now ?? {}), ...Object.keys(before ?? {})]);
  const changed = [...names].some((name) => !STATEFUL_MUTABLE.has(name) && !semanticEqual(now?.[name], before?.[name]));
  const errors = validateStatefulSpec(object, 'old');
  if (!changed) return errors;
  return [
    ...errors,
    forbiddenValue(
      'spec',
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ),
  ];
}

/** Validates a write of a StatefulSet's status. */
export function validateStatefulSetStatus(object: { status?: ReplicaCounts }, old: { status?: ReplicaCounts }): FieldError[] {
  return validateReplicaCounts(object.status ?? {}, old.status ?? {}, 'status.readyReplicas');
}

/** Validates a ControllerRevision. */
export function validateRevision({ data, revision }: apps.ControllerRevision): FieldError[] {
  const errors = checkAtLeast('revision', revision, 0);
  if (data === undefined || data === null) errors.push(requiredValue('data', 'data is mandatory'));
  else if (typeof data !== 'object' || Array.isArray(data)) errors.push(requiredValue('data', 'data must be a valid JSON object'));
  return errors;
}

/** What a ControllerRevision holds does not change. */
export function validateRevisionUpdate(object: apps.ControllerRevision, old: apps.ControllerRevision): FieldError[] {
  return checkImmutable('data', object.data, old.data);
}
