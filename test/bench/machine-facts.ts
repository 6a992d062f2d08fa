// What the figures were measured on.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { KTS } from '../e2e/support/kts-node.ts';

/** The machine and the program. */
export interface MachineFacts {
  readonly version: string;
  readonly date: string;
  readonly cores: number;
  readonly cpu: string;
  readonly memoryMB: number;
  readonly kernel: string;
  /** Device and file system of the measured data. */
  readonly disk: string;
  /** Processes that wanted to run in the minute before: what else the machine was busy with. */
  readonly load: number;
}

/** The facts; `directory` lies on the disk that is measured. */
export function machineFacts(directory: string): MachineFacts {
  const all = cpus();
  return {
    version: execFileSync(KTS, ['--version'], { encoding: 'utf8' }).trim(),
    date: new Date().toISOString(),
    cores: all.length,
    cpu: all[0]?.model ?? '',
    memoryMB: Math.round(totalmem() / 1e6),
    kernel: release(),
    disk: diskOf(directory, readFileSync('/proc/self/mountinfo', 'utf8')),
    load: loadavg()[0] ?? 0,
  };
}

/** Device and file system type of the mount a path lies on: proc(5), mountinfo. */
export function diskOf(path: string, mountinfo: string): string {
  const mounts = mountinfo
    .trim()
    .split('\n')
    .map((line) => {
      const [left = '', right = ''] = line.split(' - ');
      const [type = '', device = ''] = right.split(' ');
      return { point: left.split(' ')[4] ?? '', text: `${device} ${type}` };
    })
    .filter(({ point }) => path === point || path.startsWith(point === '/' ? '/' : `${point}/`));
  return mounts.reduce((best, mount) => (mount.point.length >= best.point.length ? mount : best), { point: '', text: '' }).text;
}
