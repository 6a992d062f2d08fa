// Running programs in end-to-end tests.

import { type ChildProcess, execFile, spawn } from 'node:child_process';

/** What a program left behind. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a run. */
export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Default 60 000. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end, with any exit code (-1 = killed). */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
  return new Promise((resolve) => {
    const settings = {
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 64 << 20,
      env: { ...process.env, ...options.env },
    };
    const child = execFile(command, args, settings, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
      resolve({ code, stdout, stderr: code === -1 ? `${stderr}${error?.message}` : stderr });
    });
    child.stdin?.on('error', () => {
      // The program ended without reading its input.
    });
    child.stdin?.end(options.input ?? '');
  });
}

/** Runs and demands success. */
export async function runOk(command: string, args: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`);
  return stdout;
}

/** Starts a program that goes on. */
export function start(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Waits until `probe` gives something; what it last threw or gave is in the error after `timeoutMs`. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end)
      throw new Error(`${what}: not within ${timeoutMs} ms; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
