// Where the kubelet keeps the files of pods. The names are those log collectors and administrators know.

import { join } from 'node:path';
import type { Pod } from '../../api/types/core-v1.gen.ts';

/** Base directories. */
export interface KubeletDirs {
  /** `/var/lib/kubelet` */
  readonly root: string;
  /** `/var/log/pods` */
  readonly podLogs: string;
  /** `/var/log/containers` */
  readonly containerLogs: string;
}

/** Paths of pods' files. */
export class KubeletPaths {
  readonly dirs: KubeletDirs;

  constructor(dirs: KubeletDirs) {
    this.dirs = dirs;
  }

  get pods(): string {
    return join(this.dirs.root, 'pods');
  }

  get seccomp(): string {
    return join(this.dirs.root, 'seccomp');
  }

  pod(uid: string): string {
    return join(this.pods, uid);
  }

  hostsFile(uid: string): string {
    return join(this.pod(uid), 'etc-hosts');
  }

  terminationFile(uid: string, container: string, attempt: number): string {
    return join(this.pod(uid), 'containers', container, String(attempt));
  }

  podLogs({ metadata: { namespace, name, uid } }: Pod): string {
    return join(this.dirs.podLogs, `${namespace}_${name}_${uid}`);
  }

  /** The link by which log collectors find a container's log. */
  logLink({ metadata: { namespace, name } }: Pod, container: string, id: string): string {
    return join(this.dirs.containerLogs, `${name}_${namespace}_${container}-${id}.log`);
  }
}
