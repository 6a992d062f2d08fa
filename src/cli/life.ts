// The life of a long-lived command: one at a time in its directories, a file and a notice when it is ready, an orderly end on a signal.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import type { Exec } from '../base/exec.ts';
import type { Logger } from '../base/log.ts';
import { takePidFile } from './pid-file.ts';

/** After a signal the end may take this long; pods are not stopped, so there is little to do. */
const STOP_MS = 4_500;

/** What a life needs. */
export interface LifeDeps {
  readonly log: Logger;
  readonly clock: Clock;
  readonly exec: Exec;
}

/** Options of a life. */
export interface LifeOptions {
  /** `kts` or `kts-agent`: the stem of the pid and ready files. */
  readonly name: string;
  readonly runDirectory: string;
}

/** `ps` and systemd show this instead of the name Node gives its main thread. */
function nameProcess(): void {
  try {
    writeFileSync('/proc/self/comm', 'kts');
  } catch {
    // Only a name.
  }
}

/** Resolves with the first SIGTERM or SIGINT. */
function signalled(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name));
  });
}

/** Takes systemd's socket out of the environment: containerd would inherit it and report itself ready in our name. */
function takeNotifySocket(): string | undefined {
  const socket = process.env['NOTIFY_SOCKET'];
  delete process.env['NOTIFY_SOCKET'];
  return socket;
}

async function notifySystemd(deps: LifeDeps, socket: string | undefined, state: string): Promise<void> {
  if (socket === undefined) return;
  const result = await deps.exec.run('systemd-notify', [`--pid=${process.pid}`, state], { env: { NOTIFY_SOCKET: socket } });
  if (result.code !== 0) deps.log.warn('systemd was not told of the state', { state, error: result.stderr.trim() });
}

/**
 * Runs a component until a signal ends it or `failed` rejects; resolves to the exit code.
 * @throws KtsError whatever keeps it from starting
 */
export async function live(
  options: LifeOptions,
  component: Component & { readonly failed: Promise<never> },
  deps: LifeDeps,
): Promise<number> {
  mkdirSync(options.runDirectory, { recursive: true, mode: 0o755 });
  const pidFile = join(options.runDirectory, `${options.name}.pid`);
  const readyFile = join(options.runDirectory, `${options.name}.ready`);
  takePidFile(pidFile);
  nameProcess();
  const ended = signalled();
  rmSync(readyFile, { force: true });
  try {
    return await runUntil(component, { ended, readyFile }, deps);
  } finally {
    rmSync(readyFile, { force: true });
    rmSync(pidFile, { force: true });
  }
}

async function runUntil(
  component: Component & { readonly failed: Promise<never> },
  life: { ended: Promise<string>; readyFile: string },
  deps: LifeDeps,
): Promise<number> {
  const { log, clock } = deps;
  const started = clock.monotonic();
  const socket = takeNotifySocket();
  const outcome = await Promise.race([component.start().then(() => 'started'), component.failed, life.ended]);
  if (outcome === 'started') {
    writeFileSync(life.readyFile, `${clock.now()}\n`);
    log.info('ready', { seconds: Math.round((clock.monotonic() - started) / 100) / 10 });
    await notifySystemd(deps, socket, '--ready');
    await Promise.race([life.ended, component.failed]);
  }
  log.info('stopping; pods go on');
  rmSync(life.readyFile, { force: true });
  const late = clock.sleep(STOP_MS).then(() => 'late');
  const end = await Promise.race([
    component.stop().then(
      () => 'stopped',
      (error: unknown) => messageOf(error),
    ),
    late,
  ]);
  if (end !== 'stopped') log.warn('the end was not orderly', { why: end });
  return 0;
}
