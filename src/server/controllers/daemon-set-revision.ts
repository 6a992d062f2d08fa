// The history of a DaemonSet's templates as ControllerRevisions, which `kubectl rollout history` and `undo` read: pure rules.

import { deepEqual } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ControllerRevision, DaemonSet } from '../../api/types/apps-v1.gen.ts';
import { DAEMON_SETS } from '../../client/resources.ts';
import { controllerRef } from './controller-ref.ts';
import { REVISION_HASH_LABEL } from './daemon-set-nodes.ts';
import { templateHash } from './deployment-revision.ts';

/** Revisions kept beside those in use: the API's default. */
const HISTORY_LIMIT = 10;

type RevisionObject = ControllerRevision & KubeObject;
type SetObject = DaemonSet & KubeObject;

/** What a revision holds: a strategic merge patch that brings the template back. */
function revisionData(set: SetObject): Record<string, unknown> {
  return { spec: { template: { ...set.spec?.template, $patch: 'replace' } } };
}

/** What to do about the revision of the current template. */
export type RevisionPlan =
  | { readonly kind: 'current'; readonly hash: string }
  | { readonly kind: 'raise'; readonly hash: string; readonly revision: RevisionObject }
  | { readonly kind: 'create'; readonly hash: string; readonly revision: RevisionObject };

/** Finds the revision of the set's template among its own, or plans it. A template that returns gets the highest number again. */
export function planRevision(set: SetObject, revisions: readonly RevisionObject[]): RevisionPlan {
  const data = revisionData(set);
  const highest = Math.max(0, ...revisions.map((r) => r.revision));
  const same = revisions.filter((r) => deepEqual(r.data, data)).toSorted((a, b) => b.revision - a.revision)[0];
  if (!same) return planNew(set, { data, number: highest + 1 });
  const hash = hashOf(same);
  if (same.revision === highest) return { kind: 'current', hash };
  return { kind: 'raise', hash, revision: { ...same, revision: highest + 1 } };
}

function planNew(set: SetObject, { data, number }: { data: Record<string, unknown>; number: number }): RevisionPlan {
  const template = set.spec?.template ?? { metadata: {}, spec: { containers: [] } };
  const hash = templateHash(template, set.status?.collisionCount ?? 0);
  const { name = '', namespace = '', annotations } = set.metadata;
  const metadata = {
    name: `${name}-${hash}`,
    namespace,
    labels: { ...template.metadata?.labels, [REVISION_HASH_LABEL]: hash },
    ...(annotations && { annotations }),
    ownerReferences: [controllerRef(set, DAEMON_SETS)],
  };
  return { kind: 'create', hash, revision: { metadata, data, revision: number } };
}

/** The hash of a revision's pods. */
export function hashOf(revision: RevisionObject): string {
  return revision.metadata.labels?.[REVISION_HASH_LABEL] ?? '';
}

/** Old revisions beyond the limit, oldest first; those whose pods still run are kept. */
export function revisionsToPrune(set: SetObject, revisions: readonly RevisionObject[], hashesInUse: ReadonlySet<string>): RevisionObject[] {
  const old = revisions.filter((r) => !hashesInUse.has(hashOf(r))).toSorted((a, b) => a.revision - b.revision);
  return old.slice(0, Math.max(0, old.length - (set.spec?.revisionHistoryLimit ?? HISTORY_LIMIT)));
}
