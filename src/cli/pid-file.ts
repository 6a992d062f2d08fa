// Pid files: `<pid> <start time>`, so that a later process with the same id is not taken for the one that wrote it.

import { readFileSync, writeFileSync } from 'node:fs';
import { KtsError } from '../base/errors.ts';

/** The start time of a process in ticks since boot (proc(5)); `''` when there is none. */
function startTime(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19] ?? '';
  } catch {
    return ''; // No such process.
  }
}

/** The process that wrote the file, if it still runs. A file that holds a pid alone (install.sh's supervisor) is believed. */
export function runningPid(file: string): number | undefined {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined; // Nobody has written it.
  }
  const [pid = '', started] = text.trim().split(' ');
  const now = /^\d+$/.test(pid) && Number(pid) > 1 ? startTime(Number(pid)) : '';
  return now !== '' && (started === undefined || started === now) ? Number(pid) : undefined;
}

/** Takes the file for this process. @throws KtsError `already-running` when a live process holds it */
export function takePidFile(file: string): void {
  const holder = runningPid(file);
  if (holder !== undefined && holder !== process.pid)
    throw new KtsError('already-running', `kts already runs here (process ${holder}, ${file})`);
  writeFileSync(file, `${process.pid} ${startTime(process.pid)}\n`, { mode: 0o644 });
}
