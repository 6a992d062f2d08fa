// How this machine's cgroups are mounted: cgroup v2, v1, or both at once (hybrid). See cgroups(7).

/** One hierarchy and where it is mounted. */
export interface CgroupHierarchy {
  /** v1 controllers (`cpu`, `memory`; `name=systemd` for the named one); empty for v2. */
  readonly controllers: readonly string[];
  readonly mountpoint: string;
}

/** The layout. */
export interface CgroupLayout {
  /** The version the controllers are used by: 1 also in hybrid mode. */
  readonly version: 1 | 2;
  /** v1 with the v2 hierarchy mounted beside it: crun does not run there. */
  readonly hybrid: boolean;
  /** All hierarchies, the v2 one of a hybrid machine included. */
  readonly hierarchies: readonly CgroupHierarchy[];
}

/** v1 mount options that are not controllers. */
const MOUNT_OPTIONS = new Set(['rw', 'ro', 'xattr', 'clone_children', 'noprefix', 'release_agent']);

/** Reads the layout from the text of /proc/self/mountinfo (proc(5)). With no cgroup mounted it has no hierarchies. */
export function cgroupLayout(mountinfo: string): CgroupLayout {
  const v1: CgroupHierarchy[] = [];
  const v2: CgroupHierarchy[] = [];
  for (const line of mountinfo.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const mountpoint = (left.split(' ')[4] ?? '').replaceAll('\\040', ' ');
    const [type = '', , options = ''] = right.split(' ');
    if (type === 'cgroup2') v2.push({ controllers: [], mountpoint });
    else if (type === 'cgroup')
      v1.push({ controllers: options.split(',').filter((o) => !MOUNT_OPTIONS.has(o.split('=')[0] ?? '')), mountpoint });
  }
  const version = v1.some((h) => h.controllers.some((c) => !c.startsWith('name='))) ? 1 : 2;
  return { version, hybrid: version === 1 && v2.length > 0, hierarchies: [...v1, ...v2] };
}
