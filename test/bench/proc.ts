// Reads what the kernel says of processes: proc(5).

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** USER_HZ: what /proc counts CPU time in; 100 on every Linux architecture Node runs on. */
const TICKS_PER_SECOND = 100;

/** Resident memory in bytes. */
export interface Memory {
  readonly rss: number;
  /** The part that no file backs, hence nobody shares. */
  readonly anonymous: number;
}

/** CPU seconds and parent of a process. */
export interface CpuTime {
  readonly parent: number;
  /** User and system time of its threads. */
  readonly own: number;
  /** The same of children that ended and were waited for. */
  readonly children: number;
}

/** Bytes a process and its ended children wrote. */
export interface Written {
  /** To be sent to a disk. */
  readonly disk: number;
  /** By write calls to anything, pipes and sockets too. */
  readonly calls: number;
}

/** Reads /proc/PID/smaps_rollup. @throws RangeError for another text */
export function parseMemory(text: string): Memory {
  return { rss: field(text, 'Rss') * 1024, anonymous: field(text, 'Anonymous') * 1024 };
}

/** Reads /proc/PID/io. @throws RangeError for another text */
export function parseWritten(text: string): Written {
  return { disk: field(text, 'write_bytes'), calls: field(text, 'wchar') };
}

/** Reads /proc/PID/stat; the program's name may hold blanks and brackets. @throws RangeError for another text */
export function parseCpuTime(text: string): CpuTime {
  const words = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [parent, user, system, childUser, childSystem] = [words[1], words[11], words[12], words[13], words[14]];
  if (parent === undefined || childSystem === undefined || !Number.isInteger(childSystem)) throw new RangeError('not /proc/PID/stat');
  const seconds = (a = Number.NaN, b = Number.NaN): number => (a + b) / TICKS_PER_SECOND;
  return { parent, own: seconds(user, system), children: seconds(childUser, childSystem) };
}

function field(text: string, name: string): number {
  const value = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1];
  if (value === undefined) throw new RangeError(`no ${name} in ${JSON.stringify(text.slice(0, 40))}`);
  return Number(value);
}

/** The process and those of its descendants that run the same program. */
export function sameProgram(pid: number): number[] {
  const program = readlinkSync(`/proc/${pid}/exe`);
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const other = Number(name);
    if (Number.isInteger(other) && programOf(other) === program) parents.set(other, readCpuTime(other)?.parent ?? 0);
  }
  const descends = (other: number): boolean => other === pid || (parents.has(other) && descends(parents.get(other) ?? 0));
  return [...parents.keys()].filter(descends);
}

function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined; // A kernel thread, or gone.
  }
}

function readCpuTime(pid: number): CpuTime | undefined {
  try {
    return parseCpuTime(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined; // Gone.
  }
}

function readMemory(pid: number): Memory | undefined {
  try {
    return parseMemory(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  } catch {
    return undefined; // Gone.
  }
}

/** Memory of all processes of a program, summed. */
export function memoryOf(pid: number): Memory & { readonly processes: number } {
  const all = sameProgram(pid).flatMap((one) => readMemory(one) ?? []);
  const sum = (of: (memory: Memory) => number): number => all.reduce((total, memory) => total + of(memory), 0);
  return { rss: sum((m) => m.rss), anonymous: sum((m) => m.anonymous), processes: all.length };
}

/** What a process has used up so far. */
export interface Usage {
  readonly cpu: CpuTime;
  readonly written: Written;
}

/** Reads the use of one process. */
export function usageOf(pid: number): Usage {
  return {
    cpu: parseCpuTime(readFileSync(`/proc/${pid}/stat`, 'utf8')),
    written: parseWritten(readFileSync(`/proc/${pid}/io`, 'utf8')),
  };
}
