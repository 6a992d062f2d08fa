// The files of a pod that are not volumes: its hosts file, logs, termination messages, and the links for log collectors.

import { chmod, mkdir, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { KubeletPaths } from './kubelet-paths.ts';

/** Makes the pod's own directory and its log directory. */
export async function makePodDirectories(paths: KubeletPaths, pod: Pod): Promise<void> {
  await mkdir(paths.pod(pod.metadata.uid ?? ''), { recursive: true, mode: 0o750 });
  await mkdir(paths.podLogs(pod), { recursive: true, mode: 0o755 });
}

/** Writes the hosts file in place: containers have it mounted. */
export async function writeHostsFile(paths: KubeletPaths, uid: string, text: string): Promise<void> {
  await writeFile(paths.hostsFile(uid), text, { mode: 0o644 });
}

/** Makes the log directory of a container and its empty termination message file, which any user may write. */
export async function makeContainerFiles(
  paths: KubeletPaths,
  pod: Pod,
  run: { readonly name: string; readonly attempt: number },
): Promise<void> {
  await mkdir(join(paths.podLogs(pod), run.name), { recursive: true, mode: 0o755 });
  const file = paths.terminationFile(pod.metadata.uid ?? '', run.name, run.attempt);
  await mkdir(dirname(file), { recursive: true, mode: 0o750 });
  await writeFile(file, '');
  await chmod(file, 0o666); // whatever the umask: the container's user may be any
}

/** Links the container's log where log collectors look. */
export async function linkLog(link: string, logPath: string): Promise<void> {
  await mkdir(dirname(link), { recursive: true, mode: 0o755 });
  await rm(link, { force: true });
  await symlink(logPath, link);
}

/** Removes the log of one run of a container, what was rotated of it, and the link to it. */
export async function removeContainerLog(
  paths: KubeletPaths,
  pod: Pod,
  run: { readonly id: string; readonly name: string; readonly logPath: string },
): Promise<void> {
  await rm(paths.logLink(pod, run.name, run.id), { force: true });
  const directory = dirname(run.logPath);
  const own = (await entries(directory)).filter((name) => name === basename(run.logPath) || name.startsWith(`${basename(run.logPath)}.`));
  for (const name of own) await rm(join(directory, name), { force: true });
}

/** Removes the logs of a pod and the links to them. */
export async function removeLogs(paths: KubeletPaths, directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  for (const name of await entries(paths.dirs.containerLogs)) {
    const link = join(paths.dirs.containerLogs, name);
    const target = await readlink(link).catch(() => ''); // not a link: not ours
    if (target.startsWith(`${directory}/`)) await rm(link, { force: true });
  }
}

/** Log directories by the uid at the end of their name. */
export async function logDirectories(paths: KubeletPaths): Promise<ReadonlyMap<string, string>> {
  const all = await entries(paths.dirs.podLogs);
  return new Map(all.map((name) => [name.slice(name.lastIndexOf('_') + 1), join(paths.dirs.podLogs, name)]));
}

async function entries(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch {
    return []; // nothing was ever logged
  }
}
