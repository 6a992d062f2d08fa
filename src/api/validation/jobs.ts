// Validation of the batch group: Job and CronJob. Pure. Rules: "Jobs", "CronJob", pod failure policy (KEP-3329), success policy (KEP-3998),
// back-off limit per index (KEP-3850), elastic indexed Jobs (KEP-3715).

import { sortedKeys } from '../copy.ts';
import { parseCronSchedule } from '../cron-schedule.ts';
import { labelSelectorMatcher } from '../labels.ts';
import type { FieldError } from '../status-error.ts';
import { isTimeZone } from '../time-zone.ts';
import type * as batch from '../types/batch-v1.gen.ts';
import type { PodSpec, PodTemplateSpec } from '../types/core-v1.gen.ts';
import { validateLabelSelector } from './affinity.ts';
import { checkAtLeast, checkImmutable, IMMUTABLE, invalidValue, notSupported, requiredValue, requireOneOf } from './field-error.ts';
import { type InternalShape, internalForm } from './internal-form.ts';
import { FAILURE_POLICY, SUCCESS_POLICY, validateFailurePolicy, validateSuccessPolicy } from './job-policies.ts';
import { dnsLabel } from './object-meta.ts';
import { checkTemplateLabels, validateTemplate } from './pod-templates.ts';
import { changesOf, semanticEqual } from './semantic-equal.ts';
import { checkDomainPath } from './strings.ts';

const MAX_INDEXED = 100_000;
/** Completions from which on an indexed Job with a limit per index is held to less. */
const MANY_COMPLETIONS = 100_000;
const MAX_AMONG_MANY = 10_000;
const MAX_MANAGER = 63;
const COUNTS = [
  'parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes',
] as const; // biome-ignore format: a list of names

function validateIndexes(spec: batch.JobSpec, path: string): FieldError[] {
  const { completions, parallelism, maxFailedIndexes, backoffLimitPerIndex, completionMode = 'NonIndexed' } = spec;
  const errors: FieldError[] = [];
  const bad = (field: keyof batch.JobSpec, why: string): unknown => errors.push(invalidValue(`${path}.${field}`, spec[field], why));
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined)
    errors.push(requiredValue(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  if (completionMode !== 'Indexed') {
    if (completionMode !== 'NonIndexed') errors.push(notSupported(`${path}.completionMode`, completionMode, ['NonIndexed', 'Indexed']));
    if (completionMode === 'NonIndexed' && backoffLimitPerIndex !== undefined)
      bad('backoffLimitPerIndex', 'requires indexed completion mode');
    if (completionMode === 'NonIndexed' && maxFailedIndexes !== undefined) bad('maxFailedIndexes', 'requires indexed completion mode');
    return errors;
  }
  if (completions === undefined) errors.push(requiredValue(`${path}.completions`, 'when completion mode is Indexed'));
  if ((parallelism ?? 0) > MAX_INDEXED) bad('parallelism', `must be less than or equal to ${MAX_INDEXED} when completion mode is Indexed`);
  const failed = maxFailedIndexes ?? 0;
  if (completions !== undefined && failed > completions) bad('maxFailedIndexes', 'must be less than or equal to completions');
  if (failed > MAX_INDEXED) bad('maxFailedIndexes', `must be less than or equal to ${MAX_INDEXED}`);
  if ((completions ?? 0) <= MANY_COMPLETIONS || backoffLimitPerIndex === undefined) return errors;
  if (maxFailedIndexes === undefined)
    errors.push(requiredValue(`${path}.maxFailedIndexes`, `must be specified when completions is above ${MANY_COMPLETIONS}`));
  const why = `must be less than or equal to ${MAX_AMONG_MANY} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if ((parallelism ?? 0) > MAX_AMONG_MANY) bad('parallelism', why);
  if (failed > MAX_AMONG_MANY) bad('maxFailedIndexes', why);
  return errors;
}

function validateRestart(spec: batch.JobSpec, path: string): FieldError[] {
  const field = `${path}.template.spec.restartPolicy`;
  const policy = spec.template?.spec?.restartPolicy ?? 'Always';
  if (policy === 'Always' || policy === '') return [requiredValue(field, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(field, policy, ['OnFailure', 'Never'])];
  return spec.podFailurePolicy && policy !== 'Never'
    ? [invalidValue(field, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    : [];
}

function validateReplacement({ podReplacementPolicy: policy, podFailurePolicy }: batch.JobSpec, path: string): FieldError[] {
  const supported = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  return policy === undefined || supported.includes(policy) ? [] : [notSupported(`${path}.podReplacementPolicy`, policy, supported)];
}

function validateAnyJobSpec(spec: batch.JobSpec, path: string): FieldError[] {
  const { managedBy } = spec;
  const errors = COUNTS.flatMap((name) => checkAtLeast(`${path}.${name}`, spec[name], 0));
  if (managedBy !== undefined) {
    errors.push(...checkDomainPath(`${path}.managedBy`, managedBy));
    if (managedBy.length > MAX_MANAGER)
      errors.push({ type: 'FieldValueTooLong', field: `${path}.managedBy`, detail: `Too long: may not be more than ${MAX_MANAGER} bytes` });
  }
  return [
    ...errors,
    ...validateIndexes(spec, path),
    ...(spec.podFailurePolicy ? validateFailurePolicy(`${path}.podFailurePolicy`, spec.podFailurePolicy, spec) : []),
    ...(spec.successPolicy ? validateSuccessPolicy(`${path}.successPolicy`, spec.successPolicy, spec) : []),
    ...validateReplacement(spec, path),
    ...validateTemplate(`${path}.template`, spec.template),
    ...validateRestart(spec, path),
  ];
}

function validateJobSpec({ spec }: batch.Job): FieldError[] {
  const errors = validateAnyJobSpec(spec, 'spec');
  const { selector } = spec;
  if (!selector) return [...errors, requiredValue('spec.selector'), ...checkTemplateLabels('spec.template', spec.template, selector)];
  const faults = validateLabelSelector('spec.selector', selector);
  return [...errors, ...faults, ...(faults.length > 0 ? [] : checkTemplateLabels('spec.template', spec.template, selector))];
}

const PREFIX = 'batch.kubernetes.io/';

/** Labels of the template and the selector are those the server makes, unless the user chose the selector. */
function validateGeneratedLabels({ metadata, spec }: batch.Job): FieldError[] {
  const { uid = '', name = '' } = metadata;
  if (spec.manualSelector || !spec.selector || uid === '') return [];
  const labels = spec.template?.metadata?.labels ?? {};
  const expected = { 'controller-uid': uid, 'job-name': name, [`${PREFIX}controller-uid`]: uid, [`${PREFIX}job-name`]: name };
  const errors = Object.entries(expected).flatMap(([key, value]) => {
    const field = `spec.template.metadata.labels[${key}]`;
    if (labels[key] === undefined) return [requiredValue(field, `must be '${value}'`)];
    return labels[key] === value ? [] : [invalidValue(field, sortedKeys(labels), `must be '${value}'`)];
  });
  if (validateLabelSelector('spec.selector', spec.selector).length > 0) return errors;
  if (!labelSelectorMatcher(spec.selector).matches(expected))
    errors.push(invalidValue('spec.selector', sortedKeys(spec.selector), '`selector` not auto-generated'));
  return errors;
}

/** Validates a new Job. */
export function validateJob(job: batch.Job): FieldError[] {
  const { metadata, spec } = job;
  const errors = [...validateGeneratedLabels(job), ...validateJobSpec(job)];
  if (spec.completionMode !== 'Indexed' || !spec.completions) return errors;
  const host = `${metadata.name}-${spec.completions - 1}`;
  if (dnsLabel(host).length === 0) return errors;
  return [...errors, invalidValue('metadata.name', metadata.name, `will not able to create pod with invalid DNS label: ${host}`)];
}

const FIXED = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const;

/** Validates an update of a Job: what it counts and which pods are its own do not change. What holds for new ones is looked at before. */
export function validateJobUpdate(job: batch.Job, old: batch.Job): FieldError[] {
  return [
    ...validateJobSpec(job),
    ...checkCompletions(job.spec, old.spec),
    ...checkImmutable('spec.selector', job.spec.selector, old.spec.selector),
    ...checkTemplate(job, old),
    ...FIXED.flatMap((name) => checkFixed(name, job.spec[name], old.spec[name])),
  ];
}

/** How what does not change is shown. */
const SHAPES: Readonly<Record<string, InternalShape>> = { podFailurePolicy: FAILURE_POLICY, successPolicy: SUCCESS_POLICY };

function checkFixed(name: (typeof FIXED)[number], value: unknown, old: unknown): FieldError[] {
  const shape = SHAPES[name];
  if (semanticEqual(value, old)) return [];
  return [invalidValue(`spec.${name}`, shape ? internalForm(value, shape) : (value ?? null), IMMUTABLE)];
}

function checkCompletions(spec: batch.JobSpec, old: batch.JobSpec): FieldError[] {
  if (spec.completionMode !== 'Indexed') return checkImmutable('spec.completions', spec.completions, old.completions);
  if (spec.completions === undefined || spec.completions === old.completions || spec.completions === spec.parallelism) return [];
  return [invalidValue('spec.completions', spec.completions, 'can only be modified in tandem with spec.parallelism')];
}

/** Where pods go, and what they are given, may change while a Job that never started is suspended. */
const DIRECTIVES = /^(metadata\.(labels|annotations)|spec\.(nodeSelector|tolerations|schedulingGates|affinity\.nodeAffinity))(\.|\[|$)/;
const RESOURCES = /^spec\.(containers|initContainers)\[\d+\]\.resources(\.|$)/;

function checkTemplate(job: batch.Job, old: batch.Job): FieldError[] {
  const [now, before] = [job.spec.template, old.spec.template];
  if (semanticEqual(now, before)) return [];
  const free = old.spec.suspend === true && !isRunning(old);
  const onlyNodes = (template: PodTemplateSpec): boolean => Object.keys(affinityOf(template.spec)).every((key) => key === 'nodeAffinity');
  const changed = changesOf(before, now).some(({ path }) => {
    if (!free) return true;
    if (path === 'spec.affinity') return !(onlyNodes(now) && onlyNodes(before));
    return !DIRECTIVES.test(path) && !RESOURCES.test(path) && path !== 'metadata';
  });
  if (!changed) return [];
  // Of a Job that may be changed upstream compares what is left of the pods' spec.
  return [free ? invalidValue('spec.template.spec', now.spec, IMMUTABLE) : invalidValue('spec.template', now, IMMUTABLE)];
}

const affinityOf = (spec: PodSpec): object => spec.affinity ?? {};
const isRunning = (job: batch.Job): boolean => job.status?.startTime !== undefined && job.status.startTime !== null;

/** A CronJob's Jobs are named after it and a time of eleven characters. */
const MAX_CRON_NAME = 52;

function validateSchedule(schedule: string, timeZone: string | undefined, old: string | undefined): FieldError[] {
  const path = 'spec.schedule';
  if (!schedule) return [requiredValue(path)];
  const withZone = schedule.includes('TZ');
  const parsed = parseCronSchedule(withZone ? schedule.replace(/^(CRON_)?TZ=\S+\s+/, '') : schedule);
  const errors = 'fault' in parsed ? [invalidValue(path, schedule, parsed.fault)] : [];
  if (!withZone) return errors;
  if (!old?.includes('TZ'))
    return [...errors, invalidValue(path, schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead')];
  return timeZone === undefined
    ? errors
    : [...errors, invalidValue(path, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule')];
}

function validateTimeZone(timeZone: string | undefined): FieldError[] {
  const path = 'spec.timeZone';
  if (timeZone === undefined) return [];
  if (timeZone === '') return [invalidValue(path, timeZone, 'timeZone must be nil or non-empty string')];
  if (timeZone.toLowerCase() === 'local')
    return [invalidValue(path, timeZone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')];
  return isTimeZone(timeZone) ? [] : [invalidValue(path, timeZone, `unknown time zone ${timeZone}`)];
}

function validateCronSpec(spec: batch.CronJobSpec, old: batch.CronJobSpec | undefined): FieldError[] {
  const { spec: job } = spec.jobTemplate;
  const path = 'spec.jobTemplate.spec';
  return [
    ...validateSchedule(spec.schedule, spec.timeZone, old?.schedule),
    ...checkAtLeast('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds, 0),
    ...(old && old.timeZone === spec.timeZone ? [] : validateTimeZone(spec.timeZone)),
    ...requireOneOf('spec.concurrencyPolicy', spec.concurrencyPolicy ?? 'Allow', ['Allow', 'Forbid', 'Replace']),
    ...validateAnyJobSpec(job, path),
    ...(job.selector ? [invalidValue(`${path}.selector`, job.selector, '`selector` will be auto-generated')] : []),
    ...(job.manualSelector ? [notSupported(`${path}.manualSelector`, true, ['nil', 'false'])] : []),
    ...checkAtLeast('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit, 0),
    ...checkAtLeast('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit, 0),
  ];
}

/** Validates a new CronJob. */
export function validateCronJob({ metadata, spec }: batch.CronJob): FieldError[] {
  const errors = validateCronSpec(spec, undefined);
  if ((metadata.name ?? '').length <= MAX_CRON_NAME) return errors;
  return [...errors, invalidValue('metadata.name', metadata.name, `must be no more than ${MAX_CRON_NAME} characters`)];
}

/** Validates an update of a CronJob. */
export function validateCronJobUpdate({ spec }: batch.CronJob, old: batch.CronJob): FieldError[] {
  return validateCronSpec(spec, old.spec);
}
