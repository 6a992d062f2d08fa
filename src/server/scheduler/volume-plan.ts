// What is to be done with claims that wait for their first consumer once its node is chosen. Pure.

import { labelSelectorMatcher } from '../../api/labels.ts';
import { keyOf } from '../../api/object.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../api/types/core-v1.gen.ts';
import type { StorageClass } from '../../api/types/storage-v1.gen.ts';
import { nodeSelector } from './node-selector.ts';
import type { VolumeLookup } from './plugin.ts';
import { wholeUnits } from './resources.ts';

/** Set on a claim when both sides of its binding are written. */
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';

/** One step for one claim. */
export type VolumeStep =
  | { readonly kind: 'bind'; readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume }
  | { readonly kind: 'provision'; readonly claim: PersistentVolumeClaim };

/** Whether claim and volume are bound to each other for good. */
export function isFullyBound(claim: PersistentVolumeClaim): boolean {
  return Boolean(claim.spec.volumeName) && claim.metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

function classOf(claim: PersistentVolumeClaim, volumes: VolumeLookup): StorageClass | undefined {
  const name = claim.spec.storageClassName;
  return name ? volumes.storageClass(name) : undefined;
}

/** Whether binding waits until a pod that uses the claim has a node. A claim that already names its volume does not wait. */
export function waitsForConsumer(claim: PersistentVolumeClaim, volumes: VolumeLookup): boolean {
  return !claim.spec.volumeName && classOf(claim, volumes)?.volumeBindingMode === 'WaitForFirstConsumer';
}

function isClaimable(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { claimRef } = volume.spec;
  if (volume.metadata.deletionTimestamp !== undefined) return false;
  if (claimRef) {
    const sameName = claimRef.namespace === claim.metadata.namespace && claimRef.name === claim.metadata.name;
    return sameName && (!claimRef.uid || claimRef.uid === claim.metadata.uid);
  }
  return volume.status?.phase === 'Available';
}

function suits(volume: PersistentVolume, claim: PersistentVolumeClaim, node: Node): boolean {
  const { spec } = volume;
  if ((spec.storageClassName ?? '') !== (claim.spec.storageClassName ?? '')) return false;
  if ((spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem')) return false;
  if (!(claim.spec.accessModes ?? []).every((mode) => spec.accessModes?.includes(mode))) return false;
  if (claim.spec.selector && !labelSelectorMatcher(claim.spec.selector).matches(volume.metadata.labels ?? {})) return false;
  const required = spec.nodeAffinity?.required;
  if (required && !nodeSelector(required)(node)) return false;
  return wholeUnits(spec.capacity?.['storage'] ?? '0') >= wholeUnits(claim.spec.resources?.requests?.['storage'] ?? '0');
}

function canProvision(storageClass: StorageClass | undefined, node: Node): boolean {
  if (!storageClass || storageClass.provisioner === 'kubernetes.io/no-provisioner') return false;
  const terms = storageClass.allowedTopologies ?? [];
  const allowed = terms.some((term) =>
    (term.matchLabelExpressions ?? []).every(({ key, values }) => values.includes(node.metadata.labels?.[key] ?? '')),
  );
  return terms.length === 0 || allowed;
}

/** Steps for all the claims on that node: the smallest volume that suits, else a new one; undefined when a claim has neither. */
export function planClaims(claims: readonly PersistentVolumeClaim[], node: Node, volumes: VolumeLookup): readonly VolumeStep[] | undefined {
  const taken = new Set<string>();
  const steps: VolumeStep[] = [];
  for (const claim of claims) {
    const size = (volume: PersistentVolume): number => wholeUnits(volume.spec.capacity?.['storage'] ?? '0');
    const [volume] = volumes
      .volumes()
      .filter((v) => !taken.has(keyOf(v)) && isClaimable(v, claim) && suits(v, claim, node))
      .sort((a, b) => size(a) - size(b));
    if (volume) {
      taken.add(keyOf(volume));
      steps.push({ kind: 'bind', claim, volume });
    } else if (canProvision(classOf(claim, volumes), node)) steps.push({ kind: 'provision', claim });
    else return undefined;
  }
  return steps;
}
