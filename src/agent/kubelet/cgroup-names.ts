// Names of the cgroups of pods: /kubepods/<qos>/pod<uid> below a root of the node, or systemd slices of the same tree.

import type { QosClass } from '../../api/pod-resources.ts';

/** How cgroups are named on a node. */
export interface CgroupNaming {
  /** `''`, or a path like `/kts-n1` when several nodes share a machine. */
  readonly root: string;
  readonly driver: 'cgroupfs' | 'systemd';
}

/** Path of parts from the root of the tree, e.g. `['kubepods', 'burstable', 'pod1']`; a guaranteed pod has no QoS part. */
function parts(naming: CgroupNaming, qos: QosClass, podUid?: string): string[] {
  const root = naming.root.split('/').filter((p) => p !== '');
  const level = qos === 'Guaranteed' ? [] : [qos.toLowerCase()];
  return [...root, 'kubepods', ...level, ...(podUid === undefined ? [] : [`pod${podUid}`])];
}

/** In slice names `-` separates levels, so inside a level it is written `_` (systemd.slice(5)). */
const sliceOf = (path: readonly string[]): string => `${path.map((p) => p.replaceAll('-', '_')).join('-')}.slice`;

function render(naming: CgroupNaming, path: readonly string[]): string {
  return naming.driver === 'systemd' ? sliceOf(path) : `/${path.join('/')}`;
}

/** The cgroup of a pod as the CRI's cgroup_parent: a path, or the name of a slice. */
export function podCgroup(naming: CgroupNaming, qos: QosClass, podUid: string): string {
  return render(naming, parts(naming, qos, podUid));
}

/** The cgroup of all pods of a QoS class; for Guaranteed that of all pods. */
export function qosCgroup(naming: CgroupNaming, qos: QosClass): string {
  return render(naming, parts(naming, qos));
}

/** Path below a hierarchy's mount point. A slice lies within the slices its name begins with. */
export function cgroupPath(naming: CgroupNaming, cgroup: string): string {
  if (naming.driver === 'cgroupfs') return cgroup;
  const levels = cgroup.replace(/\.slice$/, '').split('-');
  return levels.map((_, i) => `/${levels.slice(0, i + 1).join('-')}.slice`).join('');
}

/** The pod uid of a directory name (`pod<uid>`, `…-pod<uid with _>.slice`); undefined for others. */
export function podUidOfCgroup(name: string): string | undefined {
  const match = /(?:^|-)pod([0-9a-zA-Z_-]+?)(\.slice)?$/.exec(name);
  return match?.[2] ? match[1]?.replaceAll('_', '-') : match?.[1];
}
