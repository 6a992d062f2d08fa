// The history of a workload's templates as ControllerRevisions, which `kubectl rollout history` and `undo` read: pure rules,
// the same for DaemonSets and StatefulSets.

import { deepEqual, sortedKeys } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ControllerRevision } from '../../api/types/apps-v1.gen.ts';
import type { PodTemplateSpec } from '../../api/types/core-v1.gen.ts';
import type { LabelSelector } from '../../api/types/meta-v1.gen.ts';
import type { TypedResource } from '../../client/client.ts';
import { controllerRef } from './controller-ref.ts';
import { templateHash } from './deployment-revision.ts';

/** Revisions kept beside those in use: the API's default. */
const HISTORY_LIMIT = 10;

type RevisionObject = ControllerRevision & KubeObject;

/** A workload with a history. */
export interface Versioned extends KubeObject {
  readonly spec?: { readonly selector?: LabelSelector; readonly template: PodTemplateSpec; readonly revisionHistoryLimit?: number };
  readonly status?: { readonly collisionCount?: number };
}

/** What is the same for all workloads of a kind. */
export interface HistoryKind<T extends Versioned> {
  readonly resource: TypedResource<T>;
  /** The label by which a revision tells its hash. */
  readonly hashLabel: string;
}

const templateOf = (owner: Versioned): PodTemplateSpec => owner.spec?.template ?? { metadata: {}, spec: { containers: [] } };

/**
 * What a revision holds: a strategic merge patch that brings the template back. Keys are in order, as upstream's are: clients find the
 * revision of a workload by comparing bytes.
 */
function revisionData(owner: Versioned): Record<string, unknown> {
  return sortedKeys({ spec: { template: { ...templateOf(owner), $patch: 'replace' } } }) as Record<string, unknown>; // an object stays one
}

/** The template that a revision brings back. */
export function templateOfRevision(revision: RevisionObject): PodTemplateSpec | undefined {
  const data = revision.data as { spec?: { template?: PodTemplateSpec & { $patch?: string } } } | undefined; // as revisionData made it
  if (!data?.spec?.template) return undefined;
  const { $patch: _, ...template } = data.spec.template;
  return template;
}

/** What to do about the revision of the current template. `hash` is that of its pods, `revision` as it is to be. */
export interface RevisionPlan {
  readonly kind: 'current' | 'raise' | 'create';
  readonly hash: string;
  readonly revision: RevisionObject;
}

/** Finds the revision of the owner's template among its own, or plans it. A template that returns gets the highest number again. */
export function planRevision<T extends Versioned>(kind: HistoryKind<T>, owner: T, revisions: readonly RevisionObject[]): RevisionPlan {
  const data = revisionData(owner);
  const highest = Math.max(0, ...revisions.map((r) => r.revision));
  const same = revisions.filter((r) => deepEqual(r.data, data)).toSorted((a, b) => b.revision - a.revision)[0];
  if (!same) return planNew(kind, owner, { data, number: highest + 1 });
  const hash = hashOf(kind, same);
  if (same.revision === highest) return { kind: 'current', hash, revision: same };
  return { kind: 'raise', hash, revision: { ...same, revision: highest + 1 } };
}

function planNew<T extends Versioned>(
  { resource, hashLabel }: HistoryKind<T>,
  owner: T,
  { data, number }: { data: Record<string, unknown>; number: number },
): RevisionPlan {
  const template = templateOf(owner);
  const hash = templateHash(template, owner.status?.collisionCount ?? 0);
  const { name = '', namespace = '', annotations } = owner.metadata;
  const metadata = {
    name: `${name}-${hash}`,
    namespace,
    labels: { ...template.metadata?.labels, [hashLabel]: hash },
    ...(annotations && { annotations }),
    ownerReferences: [controllerRef(owner, resource)],
  };
  return { kind: 'create', hash, revision: { metadata, data, revision: number } };
}

/** The hash of a revision's template, `''` when it does not tell. */
export function hashOf({ hashLabel }: Pick<HistoryKind<Versioned>, 'hashLabel'>, revision: RevisionObject): string {
  return revision.metadata.labels?.[hashLabel] ?? '';
}

/** Old revisions beyond the limit, oldest first. `inUse` are those that must stay, e.g. because pods of them still run. */
export function revisionsToPrune(
  owner: Versioned,
  revisions: readonly RevisionObject[],
  inUse: (revision: RevisionObject) => boolean,
): RevisionObject[] {
  const old = revisions.filter((r) => !inUse(r)).toSorted((a, b) => a.revision - b.revision);
  return old.slice(0, Math.max(0, old.length - (owner.spec?.revisionHistoryLimit ?? HISTORY_LIMIT)));
}
