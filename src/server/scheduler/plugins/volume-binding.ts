// VolumeBinding: claims must exist; bound volumes must be reachable from the node; unbound claims that wait for their first
// consumer must find a volume or a provisioner there. What is then to be bound is volume-plan.ts's matter.

import { keyOf } from '../../../api/object.ts';
import type { PersistentVolumeClaim, Pod } from '../../../api/types/core-v1.gen.ts';
import type { NodeInfo } from '../node-info.ts';
import { nodeSelector } from '../node-selector.ts';
import type { ClusterView, FilterPlugin, Rejection, Unplaceable } from '../plugin.ts';
import { isFullyBound, planClaims, waitsForConsumer } from '../volume-plan.ts';

const NAME = 'VolumeBinding';
const reject = (reason: string): Rejection => ({ plugin: NAME, reasons: [reason], preemptionHelps: false });
const WRONG_NODE = reject("node(s) didn't match PersistentVolume's node affinity");
const NO_VOLUME = reject("node(s) didn't find available persistent volumes to bind");
const LOST = reject('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');
const unplaceable = (text: string): Unplaceable => ({ plugin: NAME, unplaceable: text });

/** A claim a pod wants; `ephemeral` = it is made for the pod. */
interface WantedClaim {
  readonly name: string;
  readonly ephemeral: boolean;
}

/** The claims of a pod's volumes. */
export function claimNames(pod: Pod): WantedClaim[] {
  return (pod.spec.volumes ?? []).flatMap((volume): WantedClaim[] => {
    if (volume.persistentVolumeClaim) return [{ name: volume.persistentVolumeClaim.claimName, ephemeral: false }];
    return volume.ephemeral ? [{ name: `${pod.metadata.name}-${volume.name}`, ephemeral: true }] : [];
  });
}

function problemOf(claim: PersistentVolumeClaim | undefined, wanted: WantedClaim, pod: Pod): string | undefined {
  const { name, ephemeral } = wanted;
  if (!claim) {
    const waiting = `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`;
    return ephemeral ? waiting : `persistentvolumeclaim "${name}" not found`;
  }
  if (claim.status?.phase === 'Lost') {
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`;
  }
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
  const owned = claim.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === pod.metadata.uid);
  if (ephemeral && !owned) return `PVC ${keyOf(claim)} was not created for pod ${keyOf(pod)} (pod is not owner)`;
  return undefined;
}

function checkBound(claim: PersistentVolumeClaim, node: NodeInfo, view: ClusterView): Rejection | undefined {
  const volume = view.volumes.volume(claim.spec?.volumeName ?? '');
  if (!volume) return LOST;
  const required = volume.spec?.nodeAffinity?.required;
  return !required || nodeSelector(required)(node.node) ? undefined : WRONG_NODE;
}

/** Checks the claims of the pod's volumes. */
export const volumeBinding: FilterPlugin = {
  name: NAME,
  prepare(pod, view) {
    const wanted = claimNames(pod.pod);
    if (wanted.length === 0) return undefined;
    const claims: PersistentVolumeClaim[] = [];
    for (const want of wanted) {
      const claim = view.volumes.claim(`${pod.namespace}/${want.name}`);
      const problem = problemOf(claim, want, pod.pod);
      if (problem !== undefined) return unplaceable(problem);
      if (claim) claims.push(claim);
    }
    const bound = claims.filter(isFullyBound);
    const unbound = claims.filter((claim) => !isFullyBound(claim));
    if (!unbound.every((claim) => waitsForConsumer(claim, view.volumes))) {
      return unplaceable('pod has unbound immediate PersistentVolumeClaims');
    }
    return {
      check(node) {
        for (const claim of bound) {
          const rejection = checkBound(claim, node, view);
          if (rejection) return rejection;
        }
        return planClaims(unbound, node.node, view.volumes) ? undefined : NO_VOLUME;
      },
    };
  },
};
