// The cells of workloads: apps, batch, autoscaling, policy. Pure.

import type * as apps from '../types/apps-v1.gen.ts';
import type { Scale } from '../types/autoscaling-v1.gen.ts';
import type * as autoscaling from '../types/autoscaling-v2.gen.ts';
import type * as batch from '../types/batch-v1.gen.ts';
import type * as policy from '../types/policy-v1.gen.ts';
import { created, maker } from './cell-maker.ts';
import type { Cell, CellMaker } from './columns.ts';
import { age, containers, humanDuration, labels, NONE, selector } from './format.ts';

function jobStatus(job: batch.Job): string {
  const holds = (type: string): boolean => job.status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false;
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (job.metadata.deletionTimestamp) return 'Terminating';
  if (holds('Suspended')) return 'Suspended';
  if (holds('FailureTarget')) return 'FailureTarget';
  return holds('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function jobCompletions(job: batch.Job): string {
  const done = job.status?.succeeded ?? 0;
  if (job.spec.completions !== undefined) return `${done}/${job.spec.completions}`;
  const parallelism = job.spec.parallelism ?? 0;
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function jobCells(job: batch.Job, now: number): Cell[] {
  const start = job.status?.startTime;
  const end = job.status?.completionTime ? Date.parse(job.status.completionTime) : now;
  return [
    job.metadata.name ?? '',
    jobStatus(job),
    jobCompletions(job),
    start ? humanDuration(end - Date.parse(start)) : '',
    created(job, now),
    ...containers(job.spec.template.spec?.containers),
    selector(job.spec.selector),
  ];
}

function cronJobCells(cron: batch.CronJob, now: number): Cell[] {
  return [
    cron.metadata.name ?? '',
    cron.spec.schedule,
    cron.spec.timeZone ?? NONE,
    cron.spec.suspend === undefined ? '<unset>' : cron.spec.suspend ? 'True' : 'False',
    cron.status?.active?.length ?? 0,
    cron.status?.lastScheduleTime ? age(cron.status.lastScheduleTime, now) : NONE,
    created(cron, now),
    ...containers(cron.spec.jobTemplate.spec.template.spec?.containers),
    selector(cron.spec.jobTemplate.spec.selector),
  ];
}

function metricText(spec: autoscaling.MetricSpec, current: autoscaling.MetricStatus | undefined): string {
  if (spec.type === 'Resource' && spec.resource) {
    const { name, target } = spec.resource;
    if (target.averageValue !== undefined)
      return `${name}: ${current?.resource?.current.averageValue ?? '<unknown>'}/${target.averageValue}`;
    const used = current?.resource?.current.averageUtilization;
    return `${name}: ${used === undefined ? '<unknown>' : `${used}%`}/${target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`}`;
  }
  const source = spec.external ?? spec.object ?? spec.pods;
  const value = current?.external?.current ?? current?.object?.current ?? current?.pods?.current;
  const wanted = source?.target.averageValue;
  if (wanted !== undefined) return `${value?.averageValue ?? '<unknown>'}/${wanted}${spec.type === 'Pods' ? '' : ' (avg)'}`;
  return `${value?.value ?? '<unknown>'}/${source?.target.value ?? '<unknown>'}`;
}

function autoscalerCells(hpa: autoscaling.HorizontalPodAutoscaler, now: number): Cell[] {
  const texts = (hpa.spec.metrics ?? []).map((metric, index) => metricText(metric, hpa.status?.currentMetrics?.[index]));
  const shown = texts.length > 2 ? `${texts.slice(0, 2).join(', ')} + ${texts.length - 2} more...` : texts.join(', ');
  return [
    hpa.metadata.name ?? '',
    `${hpa.spec.scaleTargetRef.kind}/${hpa.spec.scaleTargetRef.name}`,
    shown || NONE,
    hpa.spec.minReplicas === undefined ? '<unset>' : String(hpa.spec.minReplicas),
    String(hpa.spec.maxReplicas),
    String(hpa.status?.currentReplicas ?? 0),
    created(hpa, now),
  ];
}

/** Cell makers by `group/resource`. */
export const APPS_CELLS: Readonly<Record<string, CellMaker>> = {
  'apps/deployments': maker<apps.Deployment>((o, now) => [
    o.metadata.name ?? '',
    `${o.status?.readyReplicas ?? 0}/${o.spec.replicas ?? 0}`,
    String(o.status?.updatedReplicas ?? 0),
    String(o.status?.availableReplicas ?? 0),
    created(o, now),
    ...containers(o.spec.template.spec?.containers),
    selector(o.spec.selector),
  ]),
  'apps/replicasets': maker<apps.ReplicaSet>((o, now) => [
    o.metadata.name ?? '',
    o.spec.replicas ?? 0,
    o.status?.replicas ?? 0,
    o.status?.readyReplicas ?? 0,
    created(o, now),
    ...containers(o.spec.template?.spec?.containers),
    selector(o.spec.selector),
  ]),
  'apps/statefulsets': maker<apps.StatefulSet>((o, now) => [
    o.metadata.name ?? '',
    `${o.status?.readyReplicas ?? 0}/${o.spec.replicas ?? 0}`,
    created(o, now),
    ...containers(o.spec.template.spec?.containers),
  ]),
  'apps/daemonsets': maker<apps.DaemonSet>((o, now) => [
    o.metadata.name ?? '',
    o.status?.desiredNumberScheduled ?? 0,
    o.status?.currentNumberScheduled ?? 0,
    o.status?.numberReady ?? 0,
    o.status?.updatedNumberScheduled ?? 0,
    o.status?.numberAvailable ?? 0,
    labels(o.spec.template.spec?.nodeSelector),
    created(o, now),
    ...containers(o.spec.template.spec?.containers),
    selector(o.spec.selector),
  ]),
  'apps/controllerrevisions': maker<apps.ControllerRevision>((o, now) => {
    const owner = o.metadata.ownerReferences?.find((reference) => reference.controller);
    const group = owner?.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
    return [o.metadata.name ?? '', owner ? `${owner.kind.toLowerCase()}${group}/${owner.name}` : NONE, o.revision, created(o, now)];
  }),
  'batch/jobs': maker(jobCells),
  'batch/cronjobs': maker(cronJobCells),
  'autoscaling/horizontalpodautoscalers': maker(autoscalerCells),
  // A sub-resource of its own kind.
  'autoscaling/scale': maker<Scale>((o, now) => [o.metadata.name ?? '', o.spec.replicas ?? 0, o.status?.replicas ?? 0, created(o, now)]),
  'policy/poddisruptionbudgets': maker<policy.PodDisruptionBudget>((o, now) => [
    o.metadata.name ?? '',
    String(o.spec.minAvailable ?? 'N/A'),
    String(o.spec.maxUnavailable ?? 'N/A'),
    o.status?.disruptionsAllowed ?? 0,
    created(o, now),
  ]),
};
