// Revisions of a Deployment: which ReplicaSet is the new one, names and hashes, the annotations kubectl reads. Pure.
// Rules: Kubernetes documentation "Deployments: Pod-template-hash label", "Rolling Back a Deployment".

import { deepEqual } from '../../api/copy.ts';
import type { Deployment, ReplicaSet } from '../../api/types/apps-v1.gen.ts';
import type { PodTemplateSpec } from '../../api/types/core-v1.gen.ts';
import { maxSurgeOf } from './deployment-strategy.ts';

/** The label that tells the pods of one revision from those of another. */
const POD_TEMPLATE_HASH = 'pod-template-hash';
/** Annotations of Deployments and their ReplicaSets. */
export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
/** Annotation of a ReplicaSet: the replicas of its Deployment when it was last scaled. */
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
/** Annotation of a ReplicaSet: those replicas and the surge allowed on top. */
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
/** The history of a ReplicaSet that was new several times is kept to this many characters. */
const MAX_HISTORY = 2000;

/** Annotations that belong to the Deployment alone. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);

/** Letters that form no words. */
const SAFE_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

function withoutHash(template: PodTemplateSpec): unknown {
  const { [POD_TEMPLATE_HASH]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { metadata: { ...template.metadata, labels }, spec: template.spec };
}

/** Whether two templates make the same pods; the hash label does not count. */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return deepEqual(withoutHash(a), withoutHash(b));
}

const byCreation = (a: ReplicaSet, b: ReplicaSet): number => {
  const [x, y] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (x !== y) return x < y ? -1 : 1;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
};

/** Oldest first. */
export function oldestFirst(sets: readonly ReplicaSet[]): ReplicaSet[] {
  return sets.toSorted(byCreation);
}

/** The ReplicaSet of the Deployment's present template, the oldest if there are several. */
export function findNewReplicaSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const { template } = deployment.spec;
  return oldestFirst(sets).find((set) => set.spec.template && sameTemplate(set.spec.template, template));
}

/** The revision an object is marked with, 0 when it is not. */
export function revisionOf(object: { metadata: { annotations?: Record<string, string> } }): number {
  const revision = Number(object.metadata.annotations?.[REVISION] ?? 0);
  return Number.isSafeInteger(revision) ? revision : 0;
}

/** Canonical JSON: keys in order, so that equal templates hash equally. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
    .join(',')}}`;
}

/** FNV-1a with 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** The hash of a template; another one for each collision that was met. */
export function templateHash(template: PodTemplateSpec, collisions: number): string {
  const hash = fnv1a(canonical(withoutHash(template)) + (collisions > 0 ? `#${collisions}` : ''));
  return [...String(hash)].map((digit) => SAFE_LETTERS[digit.charCodeAt(0) % SAFE_LETTERS.length]).join('');
}

/** The annotations a ReplicaSet of the Deployment is to have; those it has beside them stay. */
export function replicaSetAnnotations(deployment: Deployment, set: ReplicaSet | undefined, revision: number): Record<string, string> {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !NOT_COPIED.has(name));
  const out: Record<string, string> = { ...set?.metadata.annotations, ...Object.fromEntries(copied) };
  const before = set ? revisionOf(set) : 0;
  if (before < revision) {
    out[REVISION] = String(revision);
    if (before > 0) out[REVISION_HISTORY] = appendHistory(out[REVISION_HISTORY], String(before));
  }
  return set ? out : { ...out, ...replicasAnnotations(deployment) };
}

function appendHistory(history: string | undefined, revision: string): string {
  const revisions = [...(history ? history.split(',') : []), revision];
  while (revisions.join(',').length > MAX_HISTORY) revisions.shift();
  return revisions.join(',');
}

/** What a ReplicaSet remembers of the Deployment's size, so that a change of size is told from a rollout. */
export function replicasAnnotations(deployment: Deployment): Record<string, string> {
  const desired = deployment.spec.replicas ?? 1;
  return { [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(desired + maxSurgeOf(deployment)) };
}

/** The new ReplicaSet of a Deployment, without pods. */
export function newReplicaSet(deployment: Deployment, hash: string, revision: number): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec;
  const labels = { ...template.metadata?.labels, [POD_TEMPLATE_HASH]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name}-${hash}`,
      namespace: deployment.metadata.namespace ?? '',
      labels,
      annotations: replicaSetAnnotations(deployment, undefined, revision),
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds !== undefined && { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, [POD_TEMPLATE_HASH]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

/** Old ReplicaSets beyond revisionHistoryLimit, the lowest revisions first, that have no pods and may go. */
export function replicaSetsToPrune(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit;
  if (limit === undefined) return [];
  const kept = old.filter((set) => set.metadata.deletionTimestamp === undefined);
  const excess = kept.toSorted((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, kept.length - limit));
  return excess.filter(
    (set) =>
      (set.status?.replicas ?? 0) === 0 &&
      (set.spec.replicas ?? 0) === 0 &&
      (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0),
  );
}
