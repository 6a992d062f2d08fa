// Requests and limits as the numbers of the kernel (cgroups(7)); the formulas are those of the Kubernetes documentation on
// resource management and node-pressure (oom_score_adj).

import { isLimited, podLimits, podRequests, qosClass } from '../../api/pod-resources.ts';
import { parseQuantity } from '../../api/quantity.ts';
import type { Container, Pod } from '../../api/types/core-v1.gen.ts';
import type { Input } from '../../cri/codec.ts';
import type { LinuxContainerResources } from '../../cri/messages.gen.ts';

/** Scheduler period in µs. */
export const CPU_PERIOD = 100_000;
const MIN_QUOTA = 1000;
const MIN_SHARES = 2;
const MAX_SHARES = 262_144;
const GUARANTEED_OOM = -997;
const BEST_EFFORT_OOM = 1000;
/** Priority of system-node-critical: such pods are protected as if guaranteed. */
const NODE_CRITICAL = 2_000_001_000;

/** CPU shares (v1) of a request in thousandths of a core. */
export function cpuShares(milliCpu: number): number {
  return Math.min(MAX_SHARES, Math.max(MIN_SHARES, Math.floor((milliCpu * 1024) / 1000)));
}

/** CPU quota in µs a period; 0 = unlimited. */
export function cpuQuota(milliCpu: number): number {
  return milliCpu === 0 ? 0 : Math.max(MIN_QUOTA, Math.floor((milliCpu * CPU_PERIOD) / 1000));
}

/** cgroup v2 weight of v1 shares: KEP-2254's mapping of [2, 262144] to [1, 10000]. */
export function cpuWeight(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142);
}

/** oom_score_adj of a container: what is killed first when the node runs out of memory. */
export function oomScoreAdj(pod: Pod, container: Container, memoryCapacity: number): number {
  if ((pod.spec.priority ?? 0) >= NODE_CRITICAL) return GUARANTEED_OOM;
  const qos = qosClass(pod);
  if (qos === 'Guaranteed') return GUARANTEED_OOM;
  if (qos === 'BestEffort') return BEST_EFFORT_OOM;
  const request = memoryOf(container.resources?.requests);
  const score = 1000 - Math.floor((1000 * request) / memoryCapacity);
  return Math.min(BEST_EFFORT_OOM - 1, Math.max(1000 + GUARANTEED_OOM, score));
}

const milliOf = (list: Readonly<Record<string, string>> | undefined): number => parseQuantity(list?.['cpu'] ?? '0').milliValue();
const memoryOf = (list: Readonly<Record<string, string>> | undefined): number => parseQuantity(list?.['memory'] ?? '0').value();

/** What a container's resources depend on besides its pod. */
export interface NodeResources {
  /** Bytes of memory of the node. */
  readonly memoryCapacity: number;
  readonly cgroupVersion: 1 | 2;
}

/** The resources of a container for the CRI. */
export function linuxResources(pod: Pod, container: Container, node: NodeResources): Input<LinuxContainerResources> {
  const { requests, limits } = container.resources ?? {};
  const request = requests?.['cpu'] === undefined && limits?.['cpu'] !== undefined ? milliOf(limits) : milliOf(requests);
  const quota = cpuQuota(milliOf(limits));
  const hugepages = Object.entries(limits ?? {}).filter(([name]) => name.startsWith('hugepages-'));
  return {
    cpuShares: cpuShares(request),
    cpuPeriod: quota ? CPU_PERIOD : 0,
    cpuQuota: quota,
    memoryLimitInBytes: memoryOf(limits),
    oomScoreAdj: oomScoreAdj(pod, container, node.memoryCapacity),
    hugepageLimits: hugepages.map(([name, text]) => ({ pageSize: pageSize(name), limit: parseQuantity(text).value() })),
    // One killed process ends the container, as the documentation of memory.oom.group wants it for containers.
    ...(node.cgroupVersion === 2 && { unified: { 'memory.oom.group': '1' } }),
  };
}

/** `hugepages-2Mi` → `2MB`, the kernel's spelling. */
function pageSize(name: string): string {
  return `${name.slice('hugepages-'.length).replace(/i$/, '')}B`;
}

/** Limits of a pod's own cgroup. Absent = not limited. */
export interface PodCgroupResources {
  readonly cpuShares: number;
  readonly cpuQuota?: number;
  readonly memoryBytes?: number;
}

/** What is set on a pod's cgroup: shares of what it requests, limits if the pod as a whole is limited. */
export function podCgroupResources(pod: Pod): PodCgroupResources {
  const requests = podRequests(pod);
  const limits = podLimits(pod);
  const cpu = isLimited(pod, 'cpu') ? limits.get('cpu')?.milliValue() : undefined;
  const memory = isLimited(pod, 'memory') ? limits.get('memory')?.value() : undefined;
  return {
    cpuShares: cpuShares(requests.get('cpu')?.milliValue() ?? 0),
    ...(cpu && { cpuQuota: cpuQuota(cpu) }),
    ...(memory && { memoryBytes: memory }),
  };
}
