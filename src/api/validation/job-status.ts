// Validation of writes of a Job's status: what it counts, when it has ended, and what cannot be taken back. Pure. Rules: "Jobs", Job status
// for controllers outside (KEP-4368).

import type { FieldError } from '../status-error.ts';
import type { Job, JobStatus } from '../types/batch-v1.gen.ts';
import { checkAtLeast, duplicateValue, eachItem, IMMUTABLE, invalidValue, invalidWhole, requiredValue } from './field-error.ts';
import { countIndexes, indexIntervals } from './job-policies.ts';

const COUNTS = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;
const CONDITIONS = 'status.conditions';

const holds = ({ conditions = [] }: JobStatus, type: string): boolean => conditions.some((c) => c.type === type && c.status === 'True');

/** Validates a write of a Job's status. */
export function validateJobStatus(job: Job, old: Job): FieldError[] {
  const { status = {} } = job;
  const errors = COUNTS.flatMap((name) => checkAtLeast(`status.${name}`, status[name], 0));
  const seen = new Set<string>();
  const uid = (value: string, at: string): FieldError[] => {
    if (value === '') return [invalidValue(at, value, 'must not be empty')];
    if (seen.has(value)) return [duplicateValue(at, value)];
    seen.add(value);
    return [];
  };
  const { succeeded, failed } = status.uncountedTerminatedPods ?? {};
  const path = 'status.uncountedTerminatedPods';
  return [
    ...errors,
    ...eachItem(`${path}.succeeded`, succeeded, uid),
    ...eachItem(`${path}.failed`, failed, uid),
    ...validateEnd(job),
    ...validateFinished(status),
    ...validateIndexes(job),
    ...validateVerdict(job),
    ...validateChanges(job, old),
  ];
}

/** A Job has completed, or failed, or neither; its times fit. */
function validateEnd({ status = {} }: Job): FieldError[] {
  const [complete, failed] = [holds(status, 'Complete'), holds(status, 'Failed')];
  const { completionTime: end, startTime: start } = status;
  const field = 'status.completionTime';
  const errors: FieldError[] = [];
  const conditions = (wrong: boolean, why: string): unknown => wrong && errors.push(invalidWhole(CONDITIONS, why));
  conditions(complete && failed, 'cannot set Complete=True and Failed=true conditions');
  conditions(complete && holds(status, 'FailureTarget'), 'cannot set Complete=True and FailureTarget=true conditions');
  if (end && !complete) errors.push(invalidValue(field, end, 'cannot set completionTime when there is no Complete=True condition'));
  if (!end && complete) errors.push(requiredValue(field, 'completionTime is required for Complete jobs'));
  if (start && end && end < start) errors.push(invalidValue(field, end, 'must be equal to or after `startTime`'));
  conditions(failed && !holds(status, 'FailureTarget'), 'cannot set Failed=True condition without the FailureTarget=true condition');
  conditions(
    complete && !holds(status, 'SuccessCriteriaMet'),
    'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
  );
  return errors;
}

/** What has ended runs nothing and has nothing left to count. */
function validateFinished(status: JobStatus): FieldError[] {
  if (!holds(status, 'Complete') && !holds(status, 'Failed')) return [];
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = status;
  const errors: FieldError[] = [];
  if (active > 0) errors.push(invalidValue('status.active', active, 'active>0 is invalid for finished job'));
  if (!startTime) errors.push(requiredValue('status.startTime', 'startTime is required for finished job'));
  if ((uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0) > 0)
    errors.push(invalidValue('status.uncountedTerminatedPods', uncounted, 'must be empty for finished job'));
  return errors;
}

function validateIndexes({ spec, status = {} }: Job): FieldError[] {
  const { completedIndexes: done = '', failedIndexes: failed } = status;
  const { completions, backoffLimitPerIndex: limit } = spec;
  const errors: FieldError[] = [];
  const parse = (field: 'completedIndexes' | 'failedIndexes', text: string): void => {
    const read = completions === undefined ? 0 : countIndexes(text, completions);
    if (typeof read === 'string') errors.push(invalidValue(`status.${field}`, text, `error parsing ${field}: ${read}`));
  };
  parse('completedIndexes', done);
  if (limit !== undefined && failed !== undefined) parse('failedIndexes', failed);
  if (done !== '' && spec.completionMode !== 'Indexed') {
    const why = 'cannot set non-empty completedIndexes when non-indexed completion mode';
    errors.push(invalidValue('status.completedIndexes', done, why));
  }
  if (failed === undefined) return errors;
  if (limit === undefined)
    errors.push(invalidValue('status.failedIndexes', failed, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'));
  const shared = completions === undefined ? undefined : firstShared(done, failed);
  if (shared !== undefined)
    errors.push(invalidValue('status.failedIndexes', failed, `failedIndexes and completedIndexes overlap at index: ${shared}`));
  return errors;
}

/** The first index that two lists of intervals have both. */
function firstShared(done: string, failed: string): number | undefined {
  const others = indexIntervals(failed);
  for (const [low, high] of indexIntervals(done)) {
    const other = others.find(([from, to]) => low <= to && from <= high);
    if (other) return Math.max(low, other[0]);
  }
  return undefined;
}

/** Pods at its end and before, and what was found of it. */
function validateVerdict({ spec, status = {} }: Job): FieldError[] {
  const [complete, failed, success] = [holds(status, 'Complete'), holds(status, 'Failed'), holds(status, 'SuccessCriteriaMet')];
  const { terminating = 0, ready, active = 0 } = status;
  const errors: FieldError[] = [];
  if (terminating > 0 && (complete || failed))
    errors.push(invalidValue('status.terminating', terminating, 'terminating>0 is invalid for finished job'));
  if (ready !== undefined && ready > active) errors.push(invalidValue('status.ready', ready, 'cannot set more ready pods than active'));
  const conditions = (wrong: boolean, why: string): unknown => wrong && errors.push(invalidWhole(CONDITIONS, why));
  conditions(success && failed, 'cannot set SuccessCriteriaMet=True and Failed=true conditions');
  conditions(success && holds(status, 'FailureTarget'), 'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  conditions(
    spec.successPolicy !== undefined && !success && complete,
    'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
  );
  return errors;
}

/** What was found stays, and what was counted. */
function validateChanges({ spec, status = {} }: Job, { status: old = {} }: Job): FieldError[] {
  const errors: FieldError[] = [];
  const conditions = (wrong: boolean, why: string): unknown => wrong && errors.push(invalidWhole(CONDITIONS, why));
  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    conditions(holds(old, type) && !holds(status, type), `cannot disable the terminal ${type}=True condition`);
  for (const count of ['failed', 'succeeded'] as const) {
    // The completions of an indexed Job may be lowered, and those that are no more do not count.
    if (count === 'succeeded' && spec.completionMode === 'Indexed') continue;
    const now = status[count] ?? 0;
    if (now < (old[count] ?? 0)) errors.push(invalidValue(`status.${count}`, now, `cannot decrease the ${count} counter`));
  }
  if (status.completionTime && old.completionTime && status.completionTime !== old.completionTime)
    errors.push(invalidValue('status.completionTime', status.completionTime, IMMUTABLE));
  if (old.startTime && old.startTime !== status.startTime && !spec.suspend)
    errors.push(invalidValue('status.startTime', status.startTime ?? null, 'field is immutable for unsuspended job once set'));
  const [had, has] = [holds(old, 'SuccessCriteriaMet'), holds(status, 'SuccessCriteriaMet')];
  conditions(had && !has, 'cannot disable the SuccessCriteriaMet=True condition');
  conditions(holds(old, 'Complete') && !had && has, 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions');
  return errors;
}
