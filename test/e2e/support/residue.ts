// What a cluster of a test left on the machine, looked for without kts' own help.

import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // A process that has ended meanwhile.
  }
}

/**
 * Processes, mounts, files, network namespaces and cgroups that are still there, one line each.
 * @param root the directory of all nodes, whose path is in their command lines and mounts
 * @param name the name of the network, with which namespaces and cgroups begin
 */
export function residueOf(root: string, name: string): string[] {
  const isOurs = (entry: string): boolean => entry === name || entry.startsWith(`${name}-node`);
  const processes = readdirSync('/proc').flatMap((pid) => {
    const command = /^\d+$/.test(pid) ? textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ') : '';
    return command.includes(`${root}/`) ? [`process ${pid}: ${command}`] : [];
  });
  const mounts = textOf('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(` ${root}/`));
  const namespaces = existsSync('/run/netns') ? readdirSync('/run/netns').filter(isOurs) : [];
  // Version 2, and one hierarchy a controller of version 1.
  const groups = ['/sys/fs/cgroup', ...globSync('/sys/fs/cgroup/*')].flatMap((hierarchy) =>
    globSync(`${hierarchy}/${name}*`).filter((path) => isOurs(path.slice(hierarchy.length + 1))),
  );
  return [
    ...processes,
    ...mounts.map((line) => `mount ${line}`),
    ...namespaces.map((netns) => `network namespace ${netns}`),
    ...groups.map((path) => `cgroup ${path}`),
    ...(existsSync(root) ? [`directory ${root}`] : []),
  ];
}
