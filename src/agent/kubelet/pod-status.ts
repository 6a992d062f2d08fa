// The status of a pod as the API shows it, from the desired pod and what the runtime has. Pure.

import { qosClass } from '../../api/pod-resources.ts';
import type { ContainerStatus, Pod, PodStatus } from '../../api/types/core-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import { type ContainerFacts, containerStatus } from './container-status.ts';
import { type ObservedPod, readySandbox } from './observed-pod.ts';
import { podConditions } from './pod-conditions.ts';
import { type ContainerKind, podContainers } from './pod-containers.ts';
import { type PodPhase, podPhase } from './pod-phase.ts';
import type { ResizeCondition } from './pod-resizer.ts';
import { earlierRound } from './restart-rounds.ts';

/** What a status depends on besides pod and runtime. */
export interface StatusFacts extends ContainerFacts {
  readonly nowMs: number;
  /** When this kubelet first saw the pod. */
  readonly startTimeMs: number;
  readonly hostIPs: readonly string[];
  /** Where a resize in place stands. */
  readonly resize?: readonly ResizeCondition[];
  /** The pod was ended by the kubelet: phase Failed with this reason (Evicted, DeadlineExceeded …). */
  readonly ended?: { readonly reason: string; readonly message: string; readonly rejected?: boolean };
}

/** The status; `pod.status` is what the API has now and is the base of what is kept. */
export function podStatus(pod: Pod, observed: ObservedPod, facts: StatusFacts): PodStatus {
  const old = pod.status ?? {};
  const isEarlier = earlierRound(pod, observed);
  const statuses = (kinds: readonly ContainerKind[], before: readonly ContainerStatus[] = []): ContainerStatus[] =>
    podContainers(pod)
      .filter((c) => kinds.includes(c.kind))
      .map((c) => containerStatus(pod, c, { observed, facts, isEarlier, previous: before.find((s) => s.name === c.container.name) }));
  const init = statuses(['init', 'sidecar'], old.initContainerStatuses);
  const regular = statuses(['regular'], old.containerStatuses);
  const ephemeral = statuses(['ephemeral'], old.ephemeralContainerStatuses);
  const phase = facts.ended ? 'Failed' : (settled(old) ?? podPhase(pod, { init, regular }, facts.terminal));
  const { reason, message } = facts.ended ?? old;
  const conditions = podConditions(pod, {
    phase,
    init,
    regular,
    hasSandbox: hasNetwork(pod, observed),
    nowMs: facts.nowMs,
    resize: facts.resize ?? [],
    restartsAll: observed.containers.some((c) => c.state === 'running' && isEarlier(c)),
  });
  return {
    ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    phase,
    conditions,
    ...(message && { message }),
    ...(reason && { reason }),
    ...addresses(pod, observed, facts),
    startTime: old.startTime ?? rfc3339(facts.startTimeMs),
    ...(facts.ended?.rejected ? {} : { ...(init.length > 0 && { initContainerStatuses: init }), containerStatuses: regular }),
    qosClass: qosClass(pod),
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral }),
  };
}

/** A pod that has ended stays so. */
function settled(old: PodStatus): PodPhase | undefined {
  return old.phase === 'Succeeded' || old.phase === 'Failed' ? old.phase : undefined;
}

function hasNetwork(pod: Pod, observed: ObservedPod): boolean {
  const sandbox = readySandbox(observed);
  return sandbox !== undefined && (pod.spec.hostNetwork === true || sandbox.ips.length > 0);
}

/** Addresses stay while the sandbox is gone, as upstream keeps them. */
function addresses(pod: Pod, observed: ObservedPod, { hostIPs }: StatusFacts): Partial<PodStatus> {
  const sandbox = observed.sandboxes[0];
  const own = pod.spec.hostNetwork ? (sandbox ? hostIPs : []) : (sandbox?.ips ?? []);
  const ips = own.length ? own : (pod.status?.podIPs ?? []).map((p) => p.ip);
  const [host] = hostIPs;
  const [ip] = ips;
  return {
    ...(host !== undefined && { hostIP: host, hostIPs: hostIPs.map((h) => ({ ip: h })) }),
    ...(ip !== undefined && { podIP: ip, podIPs: ips.map((p) => ({ ip: p })) }),
  };
}
