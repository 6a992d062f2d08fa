// What the scheduler writes: bindings, the PodScheduled condition, evictions for preemption, claims of chosen volumes.

import { nameOf } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Binding, Pod, PodCondition } from '../../api/types/core-v1.gen.ts';
import { type Clock, rfc3339 } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS } from '../../client/resources.ts';
import type { PodInfo } from './pod-info.ts';
import { SCHEDULER_NAME } from './profile.ts';
import type { VolumeStep } from './volume-plan.ts';

/** The annotation by which a provisioner learns where its volume is needed. */
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** What the writes go through. */
export interface WriteDeps {
  readonly client: Pick<Client, 'create' | 'patch' | 'delete'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Binds a pod to a node through its binding sub-resource. */
export async function bindPod(pod: Pod, node: string, deps: WriteDeps & { readonly signal: AbortSignal }): Promise<void> {
  const { name = '', namespace = '', uid } = pod.metadata;
  const binding: Binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, ...(uid && { uid }) },
    target: { kind: 'Node', name: node },
  };
  await deps.client.create(PODS, binding, { subresource: 'binding', name: { namespace, name }, signal: deps.signal });
}

/** What is to be said of a pod that has no node. */
export interface WaitingStatus {
  readonly reason: string;
  readonly message: string;
  /** `undefined` = leave as it is, `''` = clear. */
  readonly nominatedNodeName?: string | undefined;
}

/** The body of the status patch; undefined when the pod says so already. */
function waitingPatch(pod: Pod, status: WaitingStatus, nowMs: number): object | undefined {
  const { reason, message, nominatedNodeName } = status;
  const old = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled');
  const sameCondition = old?.status === 'False' && old.reason === reason && old.message === message;
  const sameNomination = nominatedNodeName === undefined || (pod.status?.nominatedNodeName ?? '') === nominatedNodeName;
  if (sameCondition && sameNomination) return undefined;
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastTransitionTime: (old?.status === 'False' && old.lastTransitionTime) || rfc3339(nowMs),
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
  };
  const nomination = nominatedNodeName === undefined ? {} : { nominatedNodeName: nominatedNodeName || null };
  return { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition], ...nomination } };
}

/** Writes the PodScheduled condition and the nominated node of a waiting pod. A pod that is gone needs none. */
export async function writeWaiting(pod: Pod, status: WaitingStatus, deps: WriteDeps & { readonly signal: AbortSignal }): Promise<void> {
  const body = waitingPatch(pod, status, deps.clock.now());
  if (body) await patchPodStatus(pod, body, deps);
}

async function patchPodStatus(pod: Pod, body: object, deps: WriteDeps & { readonly signal: AbortSignal }): Promise<void> {
  const { name = '', namespace = '' } = pod.metadata;
  try {
    await deps.client.patch(PODS, { name, namespace }, { type: 'strategic', body }, { subresource: 'status', signal: deps.signal });
  } catch (error) {
    // Deleted, or deleted and made again, since it was looked at: there is nobody to tell.
    if (!hasReason(error, 'NotFound', 'Conflict')) throw error;
  }
}

/** Evicts one victim of preemption: marks why, then deletes it. */
export async function evictVictim(victim: PodInfo, deps: WriteDeps & { readonly signal: AbortSignal }): Promise<void> {
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${SCHEDULER_NAME}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: rfc3339(deps.clock.now()),
  };
  await patchPodStatus(victim.pod, { metadata: { uid: victim.uid }, status: { conditions: [condition] } }, deps);
  try {
    await deps.client.delete(PODS, nameOf(victim.key), { preconditions: { uid: victim.uid }, signal: deps.signal });
  } catch (error) {
    // It went by itself: what was wanted.
    if (!hasReason(error, 'NotFound', 'Conflict')) throw error;
  }
}

/** Takes back the promise of a node to a waiting pod. */
export function clearNomination(pod: Pod, deps: WriteDeps & { readonly signal: AbortSignal }): Promise<void> {
  return patchPodStatus(pod, { metadata: { uid: pod.metadata.uid }, status: { nominatedNodeName: null } }, deps);
}

/** Starts the binding of a claim: names the claim on the volume, or the node on the claim. The volume controllers do the rest. */
export async function startVolumeStep(step: VolumeStep, node: string, deps: WriteDeps & { readonly signal: AbortSignal }): Promise<void> {
  const { name = '', namespace = '', uid } = step.claim.metadata;
  if (step.kind === 'provision') {
    const body = { metadata: { annotations: { [SELECTED_NODE]: node } } };
    await deps.client.patch(PERSISTENT_VOLUME_CLAIMS, { name, namespace }, { type: 'merge', body }, { signal: deps.signal });
    return;
  }
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, ...(uid && { uid }) };
  const { name: volume = '', resourceVersion } = step.volume.metadata;
  const body = { metadata: { resourceVersion, annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } }, spec: { claimRef } };
  await deps.client.patch(PERSISTENT_VOLUMES, { namespace: '', name: volume }, { type: 'merge', body }, { signal: deps.signal });
}
