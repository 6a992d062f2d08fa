// NodeResourcesFit: requests must fit into what is allocatable; emptier nodes score higher (LeastAllocated over CPU and memory).

import type { NodeInfo } from '../node-info.ts';
import { type FilterPlugin, MAX_SCORE, type Rejection, type ScorePlugin } from '../plugin.ts';
import type { PodInfo } from '../pod-info.ts';

const NAME = 'NodeResourcesFit';

/** The resources of which the node has too little: the missing one's name, and whether even the empty node is too small. */
function insufficientResources(pod: PodInfo, node: NodeInfo): { reason: string; never: boolean }[] {
  const out: { reason: string; never: boolean }[] = [];
  if (node.pods.size + 1 > node.maxPods) out.push({ reason: 'Too many pods', never: false });
  const test = (name: string, wanted: number, used: number, allocatable: number): void => {
    if (wanted > 0 && wanted > allocatable - used) out.push({ reason: `Insufficient ${name}`, never: wanted > allocatable });
  };
  const { requests } = pod;
  test('cpu', requests.milliCpu, node.requested.milliCpu, node.allocatable.milliCpu);
  test('memory', requests.memory, node.requested.memory, node.allocatable.memory);
  test('ephemeral-storage', requests.ephemeralStorage, node.requested.ephemeralStorage, node.allocatable.ephemeralStorage);
  for (const [name, wanted] of requests.other) {
    test(name, wanted, node.requested.other.get(name) ?? 0, node.allocatable.other.get(name) ?? 0);
  }
  return out;
}

function fits(pod: PodInfo, node: NodeInfo): boolean {
  const { requests } = pod;
  const { requested, allocatable } = node;
  return (
    node.pods.size < node.maxPods &&
    (requests.milliCpu === 0 || requests.milliCpu <= allocatable.milliCpu - requested.milliCpu) &&
    (requests.memory === 0 || requests.memory <= allocatable.memory - requested.memory) &&
    requests.ephemeralStorage === 0 &&
    requests.other.size === 0
  );
}

/** Rules out nodes without room. */
export const nodeResourcesFit: FilterPlugin = {
  name: NAME,
  prepare(pod) {
    return {
      check(node): Rejection | undefined {
        if (fits(pod, node)) return undefined;
        const missing = insufficientResources(pod, node);
        if (missing.length === 0) return undefined;
        return { plugin: NAME, reasons: missing.map((m) => m.reason), preemptionHelps: !missing.some((m) => m.never) };
      },
    };
  },
};

function leastAllocated(requested: number, allocatable: number): number {
  return requested > allocatable ? 0 : Math.floor(((allocatable - requested) * MAX_SCORE) / allocatable);
}

/** Mean of the free shares of CPU and memory, with the pod there. */
export const leastAllocatedScore: ScorePlugin = {
  name: NAME,
  prepare(pod) {
    const { milliCpu, memory } = pod.scoredRequests;
    return {
      score(node) {
        const { allocatable, scored } = node;
        let sum = 0;
        let count = 0;
        if (allocatable.milliCpu > 0) {
          sum += leastAllocated(scored.milliCpu + milliCpu, allocatable.milliCpu);
          count++;
        }
        if (allocatable.memory > 0) {
          sum += leastAllocated(scored.memory + memory, allocatable.memory);
          count++;
        }
        return count === 0 ? 0 : Math.floor(sum / count);
      },
    };
  },
};
