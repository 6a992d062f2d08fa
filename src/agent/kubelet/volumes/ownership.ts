// Gives a volume that can be written to the pod's `fsGroup`: the group owns every file, may read and write it, and directories
// hand the group down (setgid). Rules: Kubernetes documentation, "Configure a Security Context for a Pod".

import { chmod, lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../../api/types/core-v1.gen.ts';

const FILE_BITS = 0o660;
const DIRECTORY_BITS = 0o2770;

/** Applies the pod's `fsGroup` and `fsGroupChangePolicy` to a directory. Without fsGroup it does nothing. */
export async function applyFsGroup(directory: string, pod: Pod): Promise<void> {
  const { fsGroup, fsGroupChangePolicy } = pod.spec?.securityContext ?? {};
  if (fsGroup === undefined) return;
  if (fsGroupChangePolicy === 'OnRootMismatch') {
    const root = await lstat(directory);
    if (root.gid === fsGroup && (root.mode & DIRECTORY_BITS) === DIRECTORY_BITS) return;
  }
  // The root comes last, so that a crash half-way does not look like a finished change.
  await changeTree(directory, fsGroup);
}

async function changeTree(path: string, group: number): Promise<void> {
  const status = await lstat(path);
  if (status.isDirectory()) for (const name of await readdir(path)) await changeTree(join(path, name), group);
  if (status.gid !== group) await lchown(path, status.uid, group);
  if (status.isSymbolicLink()) return;
  const mode = (status.mode & 0o7777) | (status.isDirectory() ? DIRECTORY_BITS : FILE_BITS);
  // After lchown, which clears setuid and setgid.
  if (mode !== (status.mode & 0o7777) || status.gid !== group) await chmod(path, mode);
}
