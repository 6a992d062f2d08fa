// Running other programs as a port. The only file that names node:child_process for short runs; long-lived children are base/child.ts.

import { execFile } from 'node:child_process';
import { KtsError } from './errors.ts';

/** What a finished program left. `code` is the exit code, 128 + signal number style is not used: a killed program has code -1. */
export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a run. */
export interface ExecOptions {
  /** Written to standard input, which is then closed. */
  readonly input?: string | Uint8Array;
  /** Kills the program (SIGKILL) after this time. Default 30 000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  /** Most bytes of standard output kept. Default 16 MiB. */
  readonly maxBuffer?: number;
}

/** Runs programs. */
export interface Exec {
  /** Runs to the end; resolves with any exit code. @throws KtsError `exec-failed` when it cannot be started, is killed, or prints too much. */
  run(command: string, args: readonly string[], options?: ExecOptions): Promise<ExecResult>;
}

/** Runs and demands exit code 0; resolves to standard output. @throws KtsError `exec-exit` with the first line of standard error. */
export async function runOk(exec: Exec, command: string, args: readonly string[], options?: ExecOptions): Promise<string> {
  const result = await exec.run(command, args, options);
  if (result.code === 0) return result.stdout;
  const why = result.stderr.trim().split('\n')[0] ?? '';
  throw new KtsError('exec-exit', `${command} ${args.join(' ')}: exit ${result.code}: ${why}`, { fields: { code: result.code } });
}

/** The machine's programs. */
export const systemExec: Exec = {
  run(command, args, options = {}) {
    return new Promise((resolve, reject) => {
      const child = execFile(
        command,
        args,
        {
          timeout: options.timeoutMs ?? 30_000,
          killSignal: 'SIGKILL',
          maxBuffer: options.maxBuffer ?? 16 << 20,
          ...(options.signal && { signal: options.signal }),
          ...(options.env && { env: { ...process.env, ...options.env } }),
        },
        (error, stdout, stderr) => {
          if (error && typeof error.code !== 'number')
            reject(new KtsError('exec-failed', `${command}: ${error.message}`, { cause: error }));
          else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
        },
      );
      child.stdin?.on('error', () => {
        // A program may end without reading its input; its exit code says what matters.
      });
      child.stdin?.end(options.input ?? '');
    });
  },
};
