// Warnings about what makes pods: the kinds of apps and batch, ReplicationController and PodTemplate. Pure.

import type * as apps from '../types/apps-v1.gen.ts';
import type * as batch from '../types/batch-v1.gen.ts';
import type * as core from '../types/core-v1.gen.ts';
import { podNameWarnings, templateWarnings } from './pods.ts';
import { claimSpecWarnings } from './storage.ts';

type Templated = apps.Deployment | apps.ReplicaSet | apps.DaemonSet | core.ReplicationController;

/** Warnings about the template of a workload. */
export function workloadWarnings({ spec }: Templated): string[] {
  return templateWarnings('spec.template', spec?.template);
}

/** Warnings about a new workload that names its pods after itself. */
export function namedWorkloadWarnings(workload: Templated): string[] {
  return [...podNameWarnings(workload.metadata.name), ...workloadWarnings(workload)];
}

/** Warnings about a StatefulSet. */
export function statefulSetWarnings({ spec }: apps.StatefulSet): string[] {
  if (!spec) return [];
  const { revisionHistoryLimit: limit = 0 } = spec;
  return [
    ...templateWarnings('spec.template', spec.template),
    ...(spec.volumeClaimTemplates ?? []).flatMap((claim, i) => claimSpecWarnings(`spec.volumeClaimTemplates[${i}].Spec`, claim.spec)),
    ...(limit < 0 ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'] : []),
  ];
}

/** Warnings about a PodTemplate. */
export function podTemplateWarnings({ template }: core.PodTemplate): string[] {
  return templateWarnings('template', template);
}

/** Beyond both, the indexes that failed may be too many to be written down. */
const TRACKED_COMPLETIONS = 100_000;
const TRACKED_PARALLELISM = 10_000;

function jobSpecWarnings(path: string, spec: batch.JobSpec | undefined): string[] {
  if (!spec) return [];
  const { completionMode, completions = 0, parallelism = 0 } = spec;
  const isVast = completionMode === 'Indexed' && completions > TRACKED_COMPLETIONS && parallelism > TRACKED_PARALLELISM;
  const vast = `${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`;
  return [...(isVast ? [vast] : []), ...templateWarnings(`${path}.template`, spec.template)];
}

/** Warnings about a new Job. */
export function jobWarnings({ metadata, spec }: batch.Job): string[] {
  return [...podNameWarnings(metadata.name), ...jobSpecWarnings('spec', spec)];
}

/** Warnings about a changed Job. */
export function jobUpdateWarnings({ spec }: batch.Job): string[] {
  return jobSpecWarnings('spec', spec);
}

/** Warnings about a new CronJob. */
export function cronJobWarnings(cronJob: batch.CronJob): string[] {
  return [...podNameWarnings(cronJob.metadata.name), ...cronJobUpdateWarnings(cronJob)];
}

/** Warnings about a changed CronJob. */
export function cronJobUpdateWarnings({ spec }: batch.CronJob): string[] {
  const zoned =
    'CRON_TZ or TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';
  return [...jobSpecWarnings('spec.jobTemplate.spec', spec?.jobTemplate?.spec), ...(spec?.schedule?.includes('TZ') ? [zoned] : [])];
}
