// What the garbage collector does about one object: pure rules. Kubernetes documentation, "Garbage Collection", "Owners and
// Dependents", "Finalizers".

import { deepEqual } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import type { OwnerReference } from '../../api/types/meta-v1.gen.ts';
import type { Change } from '../../client/informer.ts';

/** Finalizer of an owner that goes after its dependents. */
export const FOREGROUND = 'foregroundDeletion';
/** Finalizer of an owner that goes without its dependents. */
export const ORPHAN = 'orphan';

/** What is known of an owner: there, gone, going after its dependents, or of a kind or scope that cannot be judged. */
export type OwnerState = 'solid' | 'absent' | 'waiting' | 'unresolvable';

/** A reference with what is known of its owner. */
export interface JudgedOwner {
  readonly reference: OwnerReference;
  readonly state: OwnerState;
}

/** What to do about an object with owners. */
export type CollectPlan =
  | { readonly kind: 'keep' }
  | { readonly kind: 'set-owners'; readonly references: readonly OwnerReference[] }
  | {
      readonly kind: 'delete';
      readonly policy: 'Foreground' | 'Background' | 'Orphan';
      /** Set these references first: the object must not hold up its owner, since its dependents wait for each other. */
      readonly unblock?: readonly OwnerReference[];
    };

/** Whether the object is being deleted after its dependents. */
export function isDeletingDependents({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(FOREGROUND) ?? false);
}

/** Whether the object is being deleted without its dependents. */
export function isOrphaning({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(ORPHAN) ?? false);
}

/** Decides about an object that is not being deleted, from the state of its owners and its own dependents. */
export function planCollect(object: KubeObject, owners: readonly JudgedOwner[], dependents: readonly KubeObject[]): CollectPlan {
  const of = (...states: OwnerState[]): OwnerReference[] => owners.filter((o) => states.includes(o.state)).map((o) => o.reference);
  const holding = of('solid', 'unresolvable');
  if (owners.length === 0 || holding.length === owners.length) return { kind: 'keep' };
  if (holding.length > 0) {
    // What cannot be judged must not lead to a decision against the others that hold the object.
    return of('unresolvable').length > 0 ? { kind: 'keep' } : { kind: 'set-owners', references: holding };
  }
  if (of('waiting').length > 0 && dependents.length > 0) {
    const circle = dependents.some(isDeletingDependents);
    const unblock = owners.map(({ reference }) => ({ ...reference, blockOwnerDeletion: false }));
    return { kind: 'delete', policy: 'Foreground', ...(circle && { unblock }) };
  }
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(ORPHAN)) return { kind: 'delete', policy: 'Orphan' };
  return { kind: 'delete', policy: finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background' };
}

/** The dependents that an owner which goes after them has to wait for. */
export function blockingDependents(owner: KubeObject, dependents: readonly KubeObject[]): KubeObject[] {
  const { uid } = owner.metadata;
  return dependents.filter((d) => d.metadata.ownerReferences?.some((ref) => ref.uid === uid && ref.blockOwnerDeletion === true));
}

/** The references of `object` without those to `uid`. */
export function withoutOwner({ metadata }: KubeObject, uid: string | undefined): OwnerReference[] {
  return (metadata.ownerReferences ?? []).filter((ref) => ref.uid !== uid);
}

/** Whether a change of an object can ask for something of the collector: changes of spec and status cannot. */
export function concernsCollector({ type, object, old }: Change<KubeObject>): boolean {
  if (type === 'deleted') return false;
  const { ownerReferences, deletionTimestamp, finalizers } = object.metadata;
  const asks = (ownerReferences?.length ?? 0) > 0 || isDeletingDependents(object) || isOrphaning(object);
  if (!asks || !old) return asks;
  const before = old.metadata;
  return (
    deletionTimestamp !== before.deletionTimestamp ||
    !deepEqual(ownerReferences, before.ownerReferences) ||
    !deepEqual(finalizers, before.finalizers)
  );
}

/** References whose owner may wait for what this change was: the object went, or is no longer its dependent. */
export function lostOwners({ type, object, old }: Change<KubeObject>): OwnerReference[] {
  if (type === 'deleted') return object.metadata.ownerReferences ?? [];
  const before = old?.metadata.ownerReferences ?? [];
  const now = object.metadata.ownerReferences ?? [];
  return before.filter((ref) => !now.some((n) => n.uid === ref.uid && n.blockOwnerDeletion === ref.blockOwnerDeletion));
}
