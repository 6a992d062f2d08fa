// What a Job reads from its pods, and the pod it makes: pure. Kubernetes documentation, "Jobs".

import type { KubeObject } from '../../api/object.ts';
import type { Job, PodFailurePolicyRule } from '../../api/types/batch-v1.gen.ts';
import type { Container, Pod, PodSpec } from '../../api/types/core-v1.gen.ts';
import { JOBS } from '../../client/resources.ts';
import { controllerRef } from './controller-ref.ts';
import { podFromTemplate } from './replica-set-plan.ts';
import { timeOf } from './replica-set-pods.ts';

/** Finalizer that keeps a pod until the Job has counted it. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';
const INDEX = 'batch.kubernetes.io/job-completion-index';
const INDEX_FAILURES = 'batch.kubernetes.io/job-index-failure-count';
/** First wait after a failure, doubled with each further one … */
const FIRST_BACKOFF_MS = 10_000;
/** … up to this: upstream's figures. */
const LAST_BACKOFF_MS = 600_000;

type PodObject = Pod & KubeObject;
type JobObject = Job & KubeObject;

/** How far a pod is, in the eyes of its Job. */
export type PodOutcome = 'active' | 'terminating' | 'succeeded' | 'failed';

/** Whether the Job has not finished counting the pod. */
export const isTracked = (pod: PodObject): boolean => pod.metadata.finalizers?.includes(TRACKING) ?? false;

/** Whether the Job gives each pod an index. */
export const isIndexed = (job: JobObject): boolean => job.spec?.completionMode === 'Indexed';

/** Whether a pod is replaced only when it has really ended; otherwise one that is being deleted counts as failed already. */
export function replacesOnlyEnded({ spec }: JobObject): boolean {
  return (spec?.podReplacementPolicy ?? (spec?.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed')) === 'Failed';
}

/** The outcome of a pod. */
export function outcomeOf(job: JobObject, pod: PodObject): PodOutcome {
  const phase = pod.status?.phase;
  if (phase === 'Succeeded') return 'succeeded';
  if (phase === 'Failed') return 'failed';
  if (pod.metadata.deletionTimestamp === undefined) return 'active';
  return replacesOnlyEnded(job) ? 'terminating' : 'failed';
}

/** The completion index of a pod; `undefined` when it has none. */
export function indexOf(pod: PodObject): number | undefined {
  const text = pod.metadata.annotations?.[INDEX];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** When a pod ended, as far as can be told. */
export function endedAt(pod: PodObject, nowMs: number): number {
  const ends = (pod.status?.containerStatuses ?? []).flatMap((s) => timeOf(s.state?.terminated?.finishedAt) ?? []);
  if (ends.length > 0) return Math.max(...ends);
  const ready = timeOf(pod.status?.conditions?.find((c) => c.type === 'Ready')?.lastTransitionTime);
  return timeOf(pod.metadata.deletionTimestamp) ?? ready ?? timeOf(pod.metadata.creationTimestamp) ?? nowMs;
}

/** The rule of the failure policy that a failed pod matches first. */
export interface MatchedRule {
  readonly rule: PodFailurePolicyRule;
  readonly position: number;
  /** What matched, as the Job's condition says it. */
  readonly why: string;
}

/** Finds the rule for a failed pod. */
export function matchFailurePolicy(job: JobObject, pod: PodObject): MatchedRule | undefined {
  if (pod.status?.phase !== 'Failed') return undefined;
  for (const [position, rule] of (job.spec?.podFailurePolicy?.rules ?? []).entries()) {
    const why = exitCodeMatch(rule, pod) ?? conditionMatch(rule, pod);
    if (why !== undefined) return { rule, position, why };
  }
  return undefined;
}

function exitCodeMatch({ onExitCodes }: PodFailurePolicyRule, pod: PodObject): string | undefined {
  if (!onExitCodes) return undefined;
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const { name, state } of statuses) {
    const code = state?.terminated?.exitCode ?? 0;
    if (code === 0 || (onExitCodes.containerName && onExitCodes.containerName !== name)) continue;
    const listed = onExitCodes.values?.includes(code) ?? false;
    if (listed === (onExitCodes.operator === 'In')) return `Container ${name} for pod ${podName(pod)} failed with exit code ${code}`;
  }
  return undefined;
}

function conditionMatch({ onPodConditions = [] }: PodFailurePolicyRule, pod: PodObject): string | undefined {
  for (const pattern of onPodConditions) {
    const found = pod.status?.conditions?.some((c) => c.type === pattern.type && c.status === (pattern.status ?? 'True'));
    if (found) return `Pod ${podName(pod)} has condition ${pattern.type}`;
  }
  return undefined;
}

const podName = ({ metadata }: PodObject): string => `${metadata.namespace}/${metadata.name}`;

/** Failures of an index so far, as its pods tell. */
export function failuresOf(pod: PodObject): number {
  return Number(pod.metadata.annotations?.[INDEX_FAILURES] ?? 0);
}

/** Milliseconds until a pod may be made again after `failures` failures in a row, the last one at `lastMs`. */
export function backoffLeft(failures: number, lastMs: number, nowMs: number): number {
  if (failures === 0) return 0;
  return Math.max(0, lastMs + Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), LAST_BACKOFF_MS) - nowMs);
}

/** A pod to make. */
export interface PodRequest {
  readonly index?: number;
  /** Failures of the index before; only with a limit per index. */
  readonly failures?: number;
}

/** The pod of a request. */
export function jobPod(job: JobObject, { index, failures }: PodRequest): PodObject {
  const template = job.spec?.template ?? { metadata: {}, spec: { containers: [], restartPolicy: 'Never' } };
  const pod = podFromTemplate(template, controllerRef(job, JOBS));
  const finalizers = [...(pod.metadata.finalizers ?? []), TRACKING];
  const metadata = { ...pod.metadata, namespace: job.metadata.namespace ?? '', finalizers };
  if (index === undefined) return { ...pod, metadata };
  const mark = { [INDEX]: `${index}` };
  const counted = failures === undefined ? {} : { [INDEX_FAILURES]: `${failures}` };
  const name = job.metadata.name ?? '';
  return {
    ...pod,
    metadata: {
      ...metadata,
      generateName: `${name}-${index}-`,
      labels: { ...metadata.labels, ...mark },
      annotations: { ...metadata.annotations, ...mark, ...counted },
    },
    spec: indexedSpec(pod.spec ?? { containers: [] }, `${name}-${index}`),
  };
}

function indexedSpec(spec: PodSpec, hostname: string): PodSpec {
  const { initContainers } = spec;
  return {
    ...spec,
    hostname: spec.hostname ?? hostname,
    containers: spec.containers.map(withIndex),
    ...(initContainers && { initContainers: initContainers.map(withIndex) }),
  };
}

function withIndex(container: Container): Container {
  const name = 'JOB_COMPLETION_INDEX';
  if (container.env?.some((variable) => variable.name === name)) return container;
  const fieldRef = { fieldPath: `metadata.labels['${INDEX}']` };
  return { ...container, env: [...(container.env ?? []), { name, valueFrom: { fieldRef } }] };
}
