// Long-lived child processes as a port. Short runs are base/exec.ts.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { KtsError } from './errors.ts';

/** How a child ended; `code` is undefined when a signal ended it. */
export interface ChildExit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

/** A running child. */
export interface Child {
  readonly pid: number;
  /** Resolves once, when it has ended. */
  readonly exited: Promise<ChildExit>;
  /** Its standard input, when asked for. */
  readonly stdin: Writable | undefined;
  /** The newest bytes of its standard error, when asked for (`output: 'tail'`); at most 8 KiB. */
  stderrTail(): string;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Lets this process end although the child lives (for detached ones, when their owner stops). */
  release(): void;
}

/** Options of a start. */
export interface ChildOptions {
  /** `detached`: its own session; it lives on when this process ends, kill -9 included. Default: a plain child. */
  readonly life?: 'child' | 'detached';
  /** Where standard output and error go: a file that is appended to, a tail in memory, or nowhere (default). */
  readonly output?: { readonly file: string } | 'tail';
  /** Opens a pipe to its standard input. */
  readonly stdin?: 'pipe';
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Starts children and looks at processes. */
export interface Children {
  /** Resolves when the program runs. @throws KtsError `child-start` when it cannot be started. */
  start(command: string, args: readonly string[], options?: ChildOptions): Promise<Child>;
  /**
   * What tells a process from a later one with the same pid: its start time and its name.
   * `undefined` when there is none (a zombie counts as none).
   */
  identity(pid: number): { readonly startTime: string; readonly name: string } | undefined;
  /** Sends a signal; a process that is gone is ignored. */
  signal(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void;
}

/** Bytes of standard error kept: enough for the last words of a program. */
const TAIL_BYTES = 8 << 10;

/** The machine's processes. */
export const systemChildren: Children = {
  start(command, args, options = {}) {
    return new Promise((resolve, reject) => startChild({ command, args, options }, resolve, reject));
  },
  identity(pid) {
    return parseStat(readOrEmpty(`/proc/${pid}/stat`));
  },
  signal(pid, signal) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in the meantime: that is what the signal was for.
    }
  },
};

interface Start {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: ChildOptions;
}

function startChild({ command, args, options }: Start, resolve: (child: Child) => void, reject: (error: unknown) => void): void {
  const { output } = options;
  const file = typeof output === 'object' ? openSync(output.file, 'a', 0o600) : undefined;
  const out = file ?? 'ignore';
  const child = spawn(command, args, {
    detached: options.life === 'detached',
    stdio: [options.stdin ?? 'ignore', out, output === 'tail' ? 'pipe' : out],
    ...(options.env && { env: { ...process.env, ...options.env } }),
    ...(options.cwd && { cwd: options.cwd }),
  });
  if (file !== undefined) closeSync(file);
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-TAIL_BYTES);
  });
  child.stdin?.on('error', () => {
    // A program may end without reading its input; how it ended says what matters.
  });
  const exited = new Promise<ChildExit>((done) => {
    child.once('close', (code, signal) => done({ code: code ?? undefined, signal: signal ?? undefined }));
  });
  child.once('error', (error) => reject(new KtsError('child-start', `${command}: ${error.message}`, { cause: error })));
  child.once('spawn', () => {
    const { pid = 0, stdin } = child;
    resolve({
      pid,
      exited,
      stdin: stdin ?? undefined,
      stderrTail: () => tail,
      kill: (signal) => void child.kill(signal),
      release: () => child.unref(),
    });
  });
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // no such process
  }
}

/** proc(5), `/proc/PID/stat`: the name is in parentheses and may hold anything; the start time is field 22. */
function parseStat(text: string): { startTime: string; name: string } | undefined {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return undefined;
  const fields = text.slice(close + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return { name: text.slice(open + 1, close), startTime: fields[19] ?? '' };
}
