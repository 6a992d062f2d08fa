// NodeResourcesBalancedAllocation: prefers nodes whose CPU and memory would be used to the same degree.

import { MAX_SCORE, type ScorePlugin } from '../plugin.ts';

/** 100 when the used shares of CPU and memory are equal, less the further they are apart. */
export const balancedAllocationScore: ScorePlugin = {
  name: 'NodeResourcesBalancedAllocation',
  prepare(pod) {
    const { milliCpu, memory } = pod.requests;
    if (milliCpu === 0 && memory === 0) return undefined;
    return {
      score(node) {
        const { allocatable, requested } = node;
        if (allocatable.milliCpu <= 0 || allocatable.memory <= 0) return MAX_SCORE;
        const cpuShare = Math.min(1, (requested.milliCpu + milliCpu) / allocatable.milliCpu);
        const memoryShare = Math.min(1, (requested.memory + memory) / allocatable.memory);
        // The standard deviation of two numbers is half their distance.
        return Math.floor((1 - Math.abs(cpuShare - memoryShare) / 2) * MAX_SCORE);
      },
    };
  },
};
