// Validation of controllers of pods: apps, batch, ReplicationController. Pure.

import { deepEqual } from '../copy.ts';
import { parseCronSchedule } from '../cron-schedule.ts';
import { labelSelectorMatcher } from '../labels.ts';
import type { FieldError } from '../status-error.ts';
import { isTimeZone } from '../time-zone.ts';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet, StatefulSetSpec } from '../types/apps-v1.gen.ts';
import type { CronJob, Job, JobSpec } from '../types/batch-v1.gen.ts';
import type { PodTemplateSpec, ReplicationController } from '../types/core-v1.gen.ts';
import type { LabelSelector } from '../types/meta-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import {
  checkAtLeast,
  checkOneOf,
  checkString,
  forbiddenValue,
  IMMUTABLE,
  invalidValue,
  notSupported,
  requiredValue,
} from './field-error.ts';
import { dnsLabel, validateAnnotations, validateLabels } from './object-meta.ts';
import { validatePodSpec } from './pod-spec.ts';
import { percentage } from './strings.ts';

/** The number a value stands for of `total`; percentages of 0 stay 0. */
const isZero = (value: number | string | undefined): boolean => value === 0 || value === '0%';

function validateTemplate(path: string, template: PodTemplateSpec | undefined, restartPolicies: readonly string[]): FieldError[] {
  if (!template?.spec) return [requiredValue(path)];
  const policy = template.spec.restartPolicy;
  return [
    ...validateLabels(template.metadata?.labels ?? {}, `${path}.labels`),
    ...validateAnnotations(template.metadata?.annotations ?? {}, `${path}.annotations`),
    ...validatePodSpec(template.spec, `${path}.spec`),
    ...(policy === undefined || restartPolicies.includes(policy)
      ? []
      : [notSupported(`${path}.spec.restartPolicy`, policy, restartPolicies)]),
    ...(template.spec.ephemeralContainers?.length
      ? [forbiddenValue(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ];
}

function validateSelector(selector: LabelSelector | undefined, template: PodTemplateSpec | undefined, kind: string): FieldError[] {
  if (!selector) return [requiredValue('spec.selector')];
  const errors = validateLabelSelector('spec.selector', selector);
  if (errors.length > 0) return errors;
  const empty = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
  if (empty) return [invalidValue('spec.selector', selector, `empty selector is invalid for ${kind}`)];
  const labels = template?.metadata?.labels ?? {};
  return labelSelectorMatcher(selector).matches(labels)
    ? []
    : [invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')];
}

function validateCount(field: string, value: number | string | undefined): FieldError[] {
  if (typeof value === 'string') {
    const errors = checkString(field, value, percentage);
    return errors.length === 0 && field.endsWith('maxUnavailable') && Number.parseInt(value, 10) > 100
      ? [invalidValue(field, value, 'must not be greater than 100%')]
      : errors;
  }
  return checkAtLeast(field, value, 0);
}

function validateRolling(
  path: string,
  rolling: { maxSurge?: number | string; maxUnavailable?: number | string } | undefined,
): FieldError[] {
  if (!rolling) return [];
  const errors = [
    ...validateCount(`${path}.maxUnavailable`, rolling.maxUnavailable),
    ...validateCount(`${path}.maxSurge`, rolling.maxSurge),
  ];
  if (errors.length === 0 && isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge)) {
    errors.push(invalidValue(`${path}.maxUnavailable`, rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
  }
  return errors;
}

/** Validates a Deployment. */
export function validateDeployment({ spec }: Deployment): FieldError[] {
  const strategy = spec.strategy ?? {};
  const errors = [
    ...checkAtLeast('spec.replicas', spec.replicas, 0),
    ...validateSelector(spec.selector, spec.template, 'deployment'),
    ...validateTemplate('spec.template', spec.template, ['Always']),
    ...checkOneOf('spec.strategy.type', strategy.type, ['Recreate', 'RollingUpdate']),
    ...validateRolling('spec.strategy.rollingUpdate', strategy.rollingUpdate),
    ...checkAtLeast('spec.minReadySeconds', spec.minReadySeconds, 0),
    ...checkAtLeast('spec.revisionHistoryLimit', spec.revisionHistoryLimit, 0),
    ...checkAtLeast('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 0),
  ];
  if (strategy.type === 'Recreate' && strategy.rollingUpdate) {
    errors.push(forbiddenValue('spec.strategy.rollingUpdate', "may not be specified when strategy `type` is 'Recreate'"));
  }
  if (spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0)) {
    errors.push(invalidValue('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds'));
  }
  return errors;
}

/** Selectors of workloads do not change: the pods a controller owns would be lost. */
export function validateSelectorUpdate(object: { spec: { selector?: unknown } }, old: { spec: { selector?: unknown } }): FieldError[] {
  return deepEqual(object.spec.selector, old.spec.selector) ? [] : [invalidValue('spec.selector', object.spec.selector, IMMUTABLE)];
}

/** Validates a ReplicaSet. */
export function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  return [
    ...checkAtLeast('spec.replicas', spec.replicas, 0),
    ...checkAtLeast('spec.minReadySeconds', spec.minReadySeconds, 0),
    ...validateSelector(spec.selector, spec.template, 'replicaset'),
    ...validateTemplate('spec.template', spec.template, ['Always']),
  ];
}

/** Validates a ReplicationController. */
export function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  const labels = spec.template?.metadata?.labels ?? {};
  const selector = spec.selector ?? {};
  const errors = Object.keys(selector).length === 0 ? [requiredValue('spec.selector')] : [];
  if (Object.entries(selector).some(([key, value]) => labels[key] !== value)) {
    errors.push(invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  }
  return [...errors, ...checkAtLeast('spec.replicas', spec.replicas, 0), ...validateTemplate('spec.template', spec.template, ['Always'])];
}

/** Validates a DaemonSet. */
export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  const strategy = spec.updateStrategy ?? {};
  return [
    ...validateSelector(spec.selector, spec.template, 'daemonset'),
    ...validateTemplate('spec.template', spec.template, ['Always']),
    ...checkOneOf('spec.updateStrategy.type', strategy.type, ['OnDelete', 'RollingUpdate']),
    ...validateRolling('spec.updateStrategy.rollingUpdate', strategy.rollingUpdate),
    ...checkAtLeast('spec.minReadySeconds', spec.minReadySeconds, 0),
  ];
}

/** The template as its pods will be: each claim is a volume, also in the place of one of the same name. */
function withClaimVolumes({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  if (!template?.spec || volumeClaimTemplates.length === 0) return template;
  const names = new Set(volumeClaimTemplates.map(({ metadata }) => metadata.name ?? ''));
  const others = (template.spec.volumes ?? []).filter(({ name }) => !names.has(name));
  const claims = [...names].map((name) => ({ name, emptyDir: {} }));
  return { ...template, spec: { ...template.spec, volumes: [...others, ...claims] } };
}

/** Validates a StatefulSet. */
export function validateStatefulSet({ metadata, spec }: StatefulSet): FieldError[] {
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {};
  return [
    ...checkString('metadata.name', metadata.name ?? '', dnsLabel),
    ...checkAtLeast('spec.replicas', spec.replicas, 0),
    ...checkAtLeast('spec.minReadySeconds', spec.minReadySeconds, 0),
    ...checkAtLeast('spec.ordinals.start', spec.ordinals?.start, 0),
    ...validateSelector(spec.selector, spec.template, 'statefulset'),
    ...validateTemplate('spec.template', withClaimVolumes(spec), ['Always']),
    ...checkOneOf('spec.persistentVolumeClaimRetentionPolicy.whenDeleted', whenDeleted, ['Delete', 'Retain']),
    ...checkOneOf('spec.persistentVolumeClaimRetentionPolicy.whenScaled', whenScaled, ['Delete', 'Retain']),
    ...checkAtLeast('spec.updateStrategy.rollingUpdate.partition', spec.updateStrategy?.rollingUpdate?.partition, 0),
    ...checkOneOf('spec.podManagementPolicy', spec.podManagementPolicy, ['OrderedReady', 'Parallel']),
    ...checkOneOf('spec.updateStrategy.type', spec.updateStrategy?.type, ['OnDelete', 'RollingUpdate']),
  ];
}

const STATEFUL_MUTABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

/** Validates an update of a StatefulSet. */
export function validateStatefulSetUpdate(object: StatefulSet, old: StatefulSet): FieldError[] {
  const rest = (spec: object): object => Object.fromEntries(Object.entries(spec).filter(([name]) => !STATEFUL_MUTABLE.includes(name)));
  if (deepEqual(rest(object.spec), rest(old.spec))) return [];
  return [
    forbiddenValue(
      'spec',
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ),
  ];
}

function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const errors = [
    ...checkAtLeast(`${path}.parallelism`, spec.parallelism, 0),
    ...checkAtLeast(`${path}.completions`, spec.completions, 0),
    ...checkAtLeast(`${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, 0),
    ...checkAtLeast(`${path}.backoffLimit`, spec.backoffLimit, 0),
    ...checkAtLeast(`${path}.ttlSecondsAfterFinished`, spec.ttlSecondsAfterFinished, 0),
    ...checkOneOf(`${path}.completionMode`, spec.completionMode, ['Indexed', 'NonIndexed']),
    ...validateTemplate(`${path}.template`, spec.template, ['OnFailure', 'Never']),
  ];
  if (spec.completionMode === 'Indexed' && spec.completions === undefined)
    errors.push(requiredValue(`${path}.completions`, 'when completion mode is Indexed'));
  if (spec.template?.spec && (spec.template.spec.restartPolicy ?? 'Always') === 'Always') {
    errors.push(requiredValue(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  }
  return errors.filter(
    (error) =>
      !(
        error.type === 'FieldValueNotSupported' &&
        error.field.endsWith('template.spec.restartPolicy') &&
        error.detail.includes('"Always"')
      ),
  );
}

/** Validates a Job. */
export function validateJob({ spec }: Job): FieldError[] {
  return validateJobSpec(spec, 'spec');
}

/** Validates an update of a Job: what it counts and which pods are its own do not change. */
export function validateJobUpdate(object: Job, old: Job): FieldError[] {
  const fields = ['selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const;
  const errors = fields
    .filter((name) => !deepEqual(object.spec[name], old.spec[name]))
    .map((name) => invalidValue(`spec.${name}`, object.spec[name], IMMUTABLE));
  const suspended = old.spec.suspend === true && old.status?.startTime === undefined;
  if (!suspended && !deepEqual(object.spec.template, old.spec.template))
    errors.push(invalidValue('spec.template', object.spec.template, IMMUTABLE));
  if (old.spec.completionMode !== 'Indexed' && object.spec.completions !== old.spec.completions)
    errors.push(invalidValue('spec.completions', object.spec.completions, IMMUTABLE));
  return errors;
}

/** A CronJob's Jobs are named after it and a time of eleven characters. */
const MAX_CRON_NAME = 52;

function validateSchedule(schedule: string): FieldError[] {
  const path = 'spec.schedule';
  if (!schedule) return [requiredValue(path)];
  if (/TZ/.test(schedule)) return [invalidValue(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')];
  const parsed = parseCronSchedule(schedule);
  return 'fault' in parsed ? [invalidValue(path, schedule, parsed.fault)] : [];
}

function validateTimeZone(timeZone: string | undefined): FieldError[] {
  const path = 'spec.timeZone';
  if (timeZone === undefined) return [];
  if (timeZone === '') return [invalidValue(path, timeZone, 'timeZone must be nil or non-empty string')];
  if (timeZone.toLowerCase() === 'local')
    return [invalidValue(path, timeZone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')];
  return isTimeZone(timeZone) ? [] : [invalidValue(path, timeZone, `unknown time zone ${timeZone}`)];
}

/** Validates a CronJob. */
export function validateCronJob({ metadata, spec }: CronJob): FieldError[] {
  const errors = [
    ...checkOneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...checkAtLeast('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds, 0),
    ...checkAtLeast('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit, 0),
    ...checkAtLeast('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit, 0),
    ...validateJobSpec(spec.jobTemplate.spec, 'spec.jobTemplate.spec'),
  ];
  errors.push(...validateSchedule(spec.schedule), ...validateTimeZone(spec.timeZone));
  if ((metadata.name ?? '').length > MAX_CRON_NAME)
    errors.push(invalidValue('metadata.name', metadata.name, `must be no more than ${MAX_CRON_NAME} characters`));
  return errors;
}
