// NodePorts: a host port is given out once per node.

import type { FilterPlugin } from '../plugin.ts';

const REJECTION = {
  plugin: 'NodePorts',
  reasons: ["node(s) didn't have free ports for the requested pod ports"],
  preemptionHelps: true,
};

/** Rules out nodes where a host port is taken. */
export const nodePorts: FilterPlugin = {
  name: 'NodePorts',
  prepare(pod) {
    if (pod.hostPorts.length === 0) return undefined;
    return { check: (node) => (node.ports.conflicts(pod.hostPorts) ? REJECTION : undefined) };
  },
};
