// Reads what a node is from the machine: proc(5), os-release(5), statfs(2).

import { readFile, statfs } from 'node:fs/promises';
import { arch, availableParallelism, release } from 'node:os';

/** Facts about the machine now. Sizes are bytes. */
export interface NodeFacts {
  readonly cpus: number;
  readonly memoryTotal: number;
  readonly memoryAvailable: number;
  readonly swapTotal: number;
  /** The file system of the kubelet's directory, and of the images. */
  readonly disk: DiskFacts;
  readonly imageDisk: DiskFacts;
  /** Processes and threads now, and the most the kernel allows. */
  readonly pids: number;
  readonly maxPids: number;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly architecture: string;
  /** Huge pages by size (`2Mi`), in bytes in total. */
  readonly hugepages: ReadonlyMap<string, number>;
}

/** Space and inodes of a file system. */
export interface DiskFacts {
  readonly bytes: number;
  readonly availableBytes: number;
  readonly inodes: number;
  readonly freeInodes: number;
}

/** Go's names of architectures, which labels and images use. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'arm', riscv64: 'riscv64' };

/** Reads the facts. `directories` must exist. */
export async function readNodeFacts(directories: { readonly root: string; readonly images: string }): Promise<NodeFacts> {
  const meminfo = await text('/proc/meminfo');
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(meminfo)?.[1] ?? 0);
  const loadavg = await text('/proc/loadavg');
  const osRelease = await text('/etc/os-release');
  const pageSize = kib('Hugepagesize');
  const pages = kib('HugePages_Total');
  return {
    cpus: availableParallelism(),
    memoryTotal: kib('MemTotal') * 1024,
    memoryAvailable: kib('MemAvailable') * 1024,
    swapTotal: kib('SwapTotal') * 1024,
    disk: await diskFacts(directories.root),
    imageDisk: await diskFacts(directories.images),
    pids: Number(loadavg.split(' ')[3]?.split('/')[1] ?? 0),
    maxPids: Number((await text('/proc/sys/kernel/pid_max')) || 32768),
    machineId: await text('/etc/machine-id'),
    systemUuid: (await text('/sys/class/dmi/id/product_uuid')) || (await text('/etc/machine-id')),
    bootId: await text('/proc/sys/kernel/random/boot_id'),
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? 'Linux',
    architecture: ARCHITECTURES[arch()] ?? arch(),
    hugepages: pageSize ? new Map([[`${pageSize / 1024}Mi`, pages * pageSize * 1024]]) : new Map(),
  };
}

async function diskFacts(path: string): Promise<DiskFacts> {
  const fs = await statfs(path);
  return { bytes: fs.blocks * fs.bsize, availableBytes: fs.bavail * fs.bsize, inodes: fs.files, freeInodes: fs.ffree };
}

/** A file's text without surrounding space; `''` when it cannot be read. */
async function text(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return ''; // not on this machine
  }
}
