// Default values of the groups apps, batch and autoscaling.

import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../types/apps-v1.gen.ts';
import type { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from '../types/autoscaling-v1.gen.ts';
import type { HorizontalPodAutoscaler, HPAScalingPolicy } from '../types/autoscaling-v2.gen.ts';
import type { CronJob, Job } from '../types/batch-v1.gen.ts';
import { defaultPersistentVolumeClaim } from './core.ts';
import { defaultPodSpec } from './pod.ts';

export function defaultDeployment({ spec }: Deployment): void {
  defaultPodSpec(spec.template.spec);
  spec.replicas ??= 1;
  spec.strategy ??= {};
  spec.strategy.type ||= 'RollingUpdate';
  if (spec.strategy.type === 'RollingUpdate') {
    spec.strategy.rollingUpdate ??= {};
    spec.strategy.rollingUpdate.maxUnavailable ??= '25%';
    spec.strategy.rollingUpdate.maxSurge ??= '25%';
  }
  spec.revisionHistoryLimit ??= 10;
  spec.progressDeadlineSeconds ??= 600;
}

export function defaultReplicaSet({ spec }: ReplicaSet): void {
  spec.replicas ??= 1;
  if (spec.template) defaultPodSpec(spec.template.spec);
}

export function defaultStatefulSet({ spec }: StatefulSet): void {
  defaultPodSpec(spec.template.spec);
  spec.podManagementPolicy ||= 'OrderedReady';
  spec.updateStrategy ??= {};
  if (!spec.updateStrategy.type) {
    spec.updateStrategy.type = 'RollingUpdate';
    spec.updateStrategy.rollingUpdate ??= {};
  }
  if (spec.updateStrategy.type === 'RollingUpdate' && spec.updateStrategy.rollingUpdate) {
    spec.updateStrategy.rollingUpdate.partition ??= 0;
  }
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain';
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain';
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ||= 'v1';
    claim.kind ||= 'PersistentVolumeClaim';
    defaultPersistentVolumeClaim(claim);
  }
}

/** The annotation in which apps/v1 shows how often a DaemonSet's template has changed; `0` until the server has counted. */
export const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

export function defaultDaemonSet({ metadata, spec }: DaemonSet): void {
  metadata.annotations = { [TEMPLATE_GENERATION]: '0', ...metadata.annotations };
  defaultPodSpec(spec.template.spec);
  spec.updateStrategy ??= {};
  spec.updateStrategy.type ||= 'RollingUpdate';
  if (spec.updateStrategy.type === 'RollingUpdate') {
    spec.updateStrategy.rollingUpdate ??= {};
    spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
}

const NO_LIMIT = 2_147_483_647;

/** Selector and controller labels are set by the registry, since they need the uid. */
export function defaultJob(job: Job): void {
  const { spec, metadata } = job;
  defaultPodSpec(spec.template.spec);
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : NO_LIMIT;
  const labels = spec.template.metadata?.labels;
  // One map for both, so that the Job also gets the labels that its strategy makes for its pods.
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  spec.manualSelector ??= false;
  for (const rule of spec.podFailurePolicy?.rules ?? []) for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True';
}

export function defaultCronJob({ spec }: CronJob): void {
  const template = spec.jobTemplate.spec?.template;
  if (template) defaultPodSpec(template.spec);
  spec.concurrencyPolicy ||= 'Allow';
  spec.suspend ??= false;
  spec.successfulJobsHistoryLimit ??= 3;
  spec.failedJobsHistoryLimit ??= 1;
}

const DOUBLE: HPAScalingPolicy = { type: 'Percent', value: 100, periodSeconds: 15 };
const FOUR_PODS: HPAScalingPolicy = { type: 'Pods', value: 4, periodSeconds: 15 };

export function defaultHorizontalPodAutoscaler({ spec }: HorizontalPodAutoscaler): void {
  spec.minReplicas ??= 1;
  if ((spec.metrics?.length ?? 0) === 0) {
    spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];
  }
  if (!spec.behavior) return;
  spec.behavior.scaleUp = {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [{ ...FOUR_PODS }, { ...DOUBLE }],
    ...spec.behavior.scaleUp,
  };
  spec.behavior.scaleDown = { selectPolicy: 'Max', policies: [{ ...DOUBLE }], ...spec.behavior.scaleDown };
}

/** Other metrics of an autoscaling/v1 object travel in this annotation. */
const METRICS_ANNOTATION = 'autoscaling.alpha.kubernetes.io/metrics';

export function defaultHorizontalPodAutoscalerV1({ spec, metadata }: HorizontalPodAutoscalerV1): void {
  spec.minReplicas ??= 1;
  if (metadata.annotations?.[METRICS_ANNOTATION] === undefined) spec.targetCPUUtilizationPercentage ??= 80;
}
