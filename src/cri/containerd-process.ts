// What is written down of a running containerd, so that the next start of kts can adopt it; and what this process may do to it.

import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../base/atomic-file.ts';

/** A process and the configuration it was started with. */
export interface ProcessRecord {
  readonly pid: number;
  readonly startTime: string;
  readonly hash: string;
}

/** Reads the record; undefined when there is none. */
export function readRecord(path: string): ProcessRecord | undefined {
  try {
    const { pid, startTime, hash } = JSON.parse(readFileSync(path, 'utf8')) as Partial<ProcessRecord>; // checked below
    return typeof pid === 'number' && startTime !== undefined && hash !== undefined ? { pid, startTime, hash } : undefined;
  } catch {
    return undefined; // none, or cut off by a crash: then nothing is adopted and the socket's owner is found dead or answers
  }
}

/** Writes the record: wholly or not at all. */
export function writeRecord(path: string, record: ProcessRecord): void {
  writeFileAtomic(path, JSON.stringify(record), { mode: 0o600 });
}

/** Whether this process may lower oom_score_adj, by the text of /proc/self/status. capabilities(7): CAP_SYS_RESOURCE is bit 24 of the effective set. */
export function mayLowerOomScore(status: string): boolean {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${mask}`) >> 24n) & 1n) === 1n;
}
