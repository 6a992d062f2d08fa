// Resource use of the node itself, from /proc and statfs.

import { readFile, statfs } from 'node:fs/promises';

/** Use of the whole machine since boot and now. */
export interface NodeUsage {
  readonly timeMs: number;
  /** CPU time of all processors that was not idle, since boot. */
  readonly cpuNanoSeconds: number;
  readonly memoryTotalBytes: number;
  readonly memoryAvailableBytes: number;
  /** Used and not reclaimable: total less free less cold file pages, as cAdvisor's working set of the root cgroup. */
  readonly workingSetBytes: number;
  readonly rssBytes: number;
  readonly fs: FsUsage;
}

/** Use of a file system. */
export interface FsUsage {
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly usedBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

/** Clock ticks a second in /proc/stat: USER_HZ, 100 on all Linux architectures that Node runs on. */
const NANOSECONDS_PER_TICK = 10_000_000;

/** Reads the machine's state; `path` is on the file system that pods use. */
export async function readNodeUsage(path: string, nowMs: number): Promise<NodeUsage> {
  const [statText, memory, fs] = await Promise.all([readFile('/proc/stat', 'utf8'), readFile('/proc/meminfo', 'utf8'), readFs(path)]);
  return { timeMs: nowMs, cpuNanoSeconds: busyNanoSeconds(statText), ...memoryUsage(memory), fs };
}

/** Busy CPU time of /proc/stat (proc(5)): user, nice, system, irq, softirq, steal. */
function busyNanoSeconds(statText: string): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (statText.split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * NANOSECONDS_PER_TICK;
}

/** The memory figures of /proc/meminfo. */
function memoryUsage(text: string): Pick<NodeUsage, 'memoryTotalBytes' | 'memoryAvailableBytes' | 'workingSetBytes' | 'rssBytes'> {
  const fields = new Map([...text.matchAll(/^(.+?):\s+(\d+) kB$/gm)].map(([, name = '', kib]) => [name, Number(kib) * 1024]));
  const of = (name: string): number => fields.get(name) ?? 0;
  const used = of('MemTotal') - of('MemFree');
  return {
    memoryTotalBytes: of('MemTotal'),
    memoryAvailableBytes: of('MemAvailable'),
    workingSetBytes: Math.max(used - of('Inactive(file)'), 0),
    rssBytes: of('AnonPages'),
  };
}

async function readFs(path: string): Promise<FsUsage> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
  return {
    capacityBytes: blocks * bsize,
    availableBytes: bavail * bsize,
    usedBytes: (blocks - bfree) * bsize,
    inodes: files,
    inodesFree: ffree,
  };
}
