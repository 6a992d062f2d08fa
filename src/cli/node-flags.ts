// The flags of what a node is and how it runs pods: of `kts agent`, and of the node of `kts server`.

import type { Flag, FlagCommand } from './flags.ts';

const BOTH: readonly FlagCommand[] = ['server', 'agent'];

/** Their rows in the table of flags. */
export const NODE_FLAGS: readonly Flag[] = [
  {
    name: 'node-name',
    type: 'string',
    env: 'KTS_NODE_NAME',
    group: 'node',
    commands: BOTH,
    help: 'name of the node (default: the host name)',
  },
  { name: 'with-node-id', type: 'boolean', default: false, group: 'node', commands: BOTH, help: 'append a stable id to the node name' },
  { name: 'node-label', type: 'list', group: 'node', commands: BOTH, help: 'label put on the node when it registers, key=value' },
  { name: 'node-taint', type: 'list', group: 'node', commands: BOTH, help: 'taint put on the node when it registers, key=value:Effect' },
  {
    name: 'node-ip',
    short: 'i',
    type: 'string',
    group: 'node',
    commands: BOTH,
    help: 'address of the node (default: that of the default route)',
  },
  { name: 'node-external-ip', type: 'string', group: 'node', commands: BOTH, help: 'address of the node from outside' },
  {
    name: 'resolv-conf',
    type: 'string',
    env: 'KTS_RESOLV_CONF',
    group: 'node',
    commands: BOTH,
    help: 'resolv.conf for names outside the cluster (default: /etc/resolv.conf)',
  },
  { name: 'max-pods', type: 'number', default: 110, group: 'node', commands: BOTH, help: 'most pods on the node' },

  { name: 'default-runtime', type: 'string', group: 'runtime', commands: BOTH, help: 'runc or crun (default: crun where it can run)' },
  { name: 'snapshotter', type: 'string', default: 'overlayfs', group: 'runtime', commands: BOTH, help: 'containerd snapshotter' },
  {
    name: 'pause-image',
    type: 'string',
    default: 'kts.local/pause:1',
    group: 'runtime',
    commands: BOTH,
    help: 'sandbox image (default: built in)',
  },
  {
    name: 'kubelet-dir',
    type: 'string',
    default: '/var/lib/kubelet',
    group: 'runtime',
    commands: [...BOTH, 'uninstall'],
    help: "directory of the pods' volumes",
  },
  {
    name: 'pod-logs-dir',
    type: 'string',
    default: '/var/log/pods',
    group: 'runtime',
    commands: [...BOTH, 'uninstall'],
    help: "directory of the pods' logs",
  },
  {
    name: 'container-logs-dir',
    type: 'string',
    default: '/var/log/containers',
    group: 'runtime',
    commands: [...BOTH, 'uninstall'],
    help: 'directory of links to the logs',
  },
  {
    name: 'cgroup-root',
    type: 'string',
    default: '/',
    group: 'runtime',
    commands: [...BOTH, 'uninstall'],
    help: 'cgroup under which the pods are put',
  },
];
