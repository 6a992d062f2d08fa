// What kts has left on this machine, read from /proc and /sys: processes, mounts, cgroups. Reading only; removing is machine.ts.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupLayout } from '../../cri/cgroup-layout.ts';
import type { Directories } from '../options.ts';

/** A process by id, with its command line. */
export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** Reads a file of /proc that may vanish meanwhile. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // The process ended.
  }
}

const processIds = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Whether a command line is that of a part of kts under these directories: the server or agent, containerd, or a shim. */
function isOurs(command: string, { data, run }: Pick<Directories, 'data' | 'run'>): boolean {
  const words = command.split('\0').filter((word) => word !== '');
  const program = words[0]?.split('/').at(-1) ?? '';
  if (program.startsWith('containerd')) return words.some((word) => word.startsWith(`${run}/`) || word.startsWith(`${data}/`));
  return false;
}

/** containerd and shims of these directories. */
export function runtimeProcesses(directories: Pick<Directories, 'data' | 'run'>): FoundProcess[] {
  return processIds()
    .map((pid) => ({ pid, command: readProc(`/proc/${pid}/cmdline`) }))
    .filter(({ command }) => isOurs(command, directories))
    .map(({ pid, command }) => ({ pid, command: command.replaceAll('\0', ' ').trim() }));
}

/** Mount points below any of the directories, the deepest first. Pure. */
function mountsBelow(mountinfo: string, directories: readonly string[]): string[] {
  return mountinfo
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((point) => directories.some((directory) => point === directory || point.startsWith(`${directory}/`)))
    .sort((a, b) => b.split('/').length - a.split('/').length || (a < b ? 1 : -1));
}

/** This mount namespace's mount points below the directories. */
export function findMounts(directories: readonly string[]): string[] {
  return mountsBelow(readFileSync('/proc/self/mountinfo', 'utf8'), directories);
}

/** Cgroups of pods: `kubepods` (cgroupfs) or `kubepods.slice` (systemd) below `root` in every hierarchy, as paths, deepest first. */
export function podCgroups(root: string): string[] {
  const { hierarchies } = cgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8'));
  const tops = hierarchies
    .flatMap(({ mountpoint }) => ['kubepods', 'kubepods.slice'].map((name) => join(mountpoint, root, name)))
    .filter((path) => existsSync(path));
  return tops.flatMap(deepestFirst);
}

function deepestFirst(path: string): string[] {
  try {
    const children = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [...children.flatMap((entry) => deepestFirst(join(path, entry.name))), path];
  } catch {
    return []; // Removed meanwhile.
  }
}

/** The cgroup that pods' cgroups are put under, in every hierarchy; none for the root of the hierarchies, which is nobody's. */
export function cgroupRoots(root: string): string[] {
  if (join('/', root) === '/') return [];
  const { hierarchies } = cgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8'));
  return hierarchies.map(({ mountpoint }) => join(mountpoint, root)).filter((path) => existsSync(path));
}

/** Processes in these cgroups. */
export function processesIn(cgroups: readonly string[]): number[] {
  const ids = cgroups.flatMap((path) =>
    readProc(join(path, 'cgroup.procs'))
      .split('\n')
      .filter((line) => line !== '')
      .map(Number),
  );
  return [...new Set(ids)].filter((pid) => pid > 0 && pid !== process.pid);
}
