// Runs containerd for kts alone: own root, state, socket and configuration. It is a detached process that outlives kts (also kill -9),
// so that containers keep their logs; the next start of kts adopts it when it still has the same configuration.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Child, Children } from '../base/child.ts';
import type { Clock } from '../base/clock.ts';
import { type Component, TaskGroup } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import type { Exec } from '../base/exec.ts';
import type { Logger } from '../base/log.ts';
import { cgroupLayout } from './cgroup-layout.ts';
import { dropBrokenResults } from './cni-cache.ts';
import { ContainerdClient } from './containerd-client.ts';
import { type ContainerdSettings, containerdConfig, type RuntimeProgram } from './containerd-config.ts';
import { mayLowerOomScore, readRecord, writeRecord } from './containerd-process.ts';
import { findPrograms } from './containerd-programs.ts';
import { criError } from './errors.ts';
import { type GrpcChannel, openGrpcChannel } from './grpc-channel.ts';

/** Options of the supervisor. Directories are made when missing. */
export interface ContainerdOptions {
  /** What is kept: images, snapshots, metadata. Usually `<data-dir>/agent/containerd`. */
  readonly dataDir: string;
  /** Socket, state, pid file. Usually `/run/kts/containerd`. */
  readonly runDir: string;
  readonly cniBinDir: string;
  readonly cniConfDir: string;
  /** Where hosts.toml files of registries are. Default `<dataDir>/certs.d`. */
  readonly registryConfigDir?: string;
  /** Image of the pod sandbox. */
  readonly sandboxImage: string;
  /** Directories to look for containerd, runc and crun in, in order. */
  readonly searchPath: readonly string[];
  /** Uses this runtime by default instead of the choice (crun where it can run, else runc). */
  readonly runtime?: 'runc' | 'crun';
  readonly snapshotter?: 'overlayfs' | 'native';
}

/** What the supervisor needs of the world. */
export interface ContainerdDeps {
  readonly children: Children;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long containerd may take to answer: on a Pi with a cold SD card it needs 10 s. */
const START_MS = 60_000;
const PROBE_EVERY_MS = 20;
/** An adopted process is no child: its death is seen by looking. */
const LOOK_EVERY_MS = 1000;
const RESTART_MIN_MS = 250;
const RESTART_MAX_MS = 10_000;
/** A run longer than this ends the back-off. */
const STABLE_MS = 60_000;
const STOP_MS = 10_000;
/** containerd's log is cut to nothing at start beyond this size. */
const MAX_LOG_BYTES = 8 << 20;

interface Running {
  readonly pid: number;
  readonly startTime: string;
  readonly child: Child | undefined;
}

/** Supervises one containerd. After `start`, `client` answers; `stop` leaves containerd and all pods running. */
export class Containerd implements Component {
  readonly name = 'containerd';
  readonly #options: ContainerdOptions;
  readonly #deps: ContainerdDeps;
  readonly #tasks: TaskGroup;
  readonly #restarted = new Set<() => void>();
  #channel: GrpcChannel | undefined;
  #client: ContainerdClient | undefined;
  #settings: ContainerdSettings | undefined;
  #running: Running | undefined;
  #program = '';
  #version = '';

  constructor(options: ContainerdOptions, deps: ContainerdDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
  }

  /** Path of the socket, for `ctr` and `crictl`. */
  get socket(): string {
    return join(this.#options.runDir, 'containerd.sock');
  }

  /** The client. @throws RangeError before `start` has resolved. */
  get client(): ContainerdClient {
    if (!this.#client) throw new RangeError('containerd is not started');
    return this.#client;
  }

  /** Its version, e.g. `1.6.20`; `''` before the start. */
  get version(): string {
    return this.#version;
  }

  /** Whether pods' cgroups are systemd slices. @throws RangeError before `start`. */
  get systemdCgroup(): boolean {
    if (!this.#settings) throw new RangeError('containerd is not started');
    return this.#settings.systemdCgroup;
  }

  /** Calls `listener` each time containerd was started anew after a death (running containers are still there). */
  onRestart(listener: () => void): () => void {
    this.#restarted.add(listener);
    return () => this.#restarted.delete(listener);
  }

  async start(): Promise<void> {
    const { dataDir, runDir } = this.#options;
    for (const dir of [dataDir, runDir]) mkdirSync(dir, { recursive: true, mode: 0o711 });
    const found = await findPrograms(this.#options.searchPath, this.#deps.exec);
    this.#program = found.containerd;
    this.#settings = this.#settingsFor(found.major, found.runtimes);
    const text = containerdConfig(this.#settings);
    const hash = createHash('sha256').update(this.#program).update(text).digest('hex');
    this.#running = await this.#adopt(hash);
    const broken = this.#running ? [] : dropBrokenResults(this.#settings.root);
    if (broken.length > 0) this.#deps.log.warn('removed network results that were cut off', { files: broken.length });
    writeFileSync(this.#configPath, text, { mode: 0o600 });
    this.#channel = await openGrpcChannel(this.socket, this.#deps.clock);
    this.#client = new ContainerdClient(this.#channel);
    this.#running ??= await this.#launch(hash);
    try {
      this.#version = (await this.#answering(this.#tasks.signal)).replace(/^v/, '').replace(/[~+].*$/, '');
    } catch (error) {
      this.#channel.close();
      throw error;
    }
    this.#deps.log.info('containerd is ready', {
      version: this.#version,
      runtime: this.#settings.runtimes[0]?.name ?? '',
      pid: this.#running.pid,
    });
    this.#tasks.run('supervise', (signal) => this.#supervise(hash, signal));
  }

  async stop(): Promise<void> {
    await this.#tasks.stop();
    this.#channel?.close();
    this.#running?.child?.release();
  }

  /** Ends containerd itself, after `stop`. Containers go on in their shims, but nobody takes their output. */
  async terminate(): Promise<void> {
    await this.#tasks.stop();
    this.#channel?.close();
    if (this.#running) await this.#end(this.#running);
    rmSync(this.#pidPath, { force: true });
    await this.stop();
  }

  get #configPath(): string {
    return join(this.#options.dataDir, 'config.toml');
  }

  get #pidPath(): string {
    return join(this.#options.runDir, 'containerd.json');
  }

  #settingsFor(major: number, runtimes: readonly RuntimeProgram[]): ContainerdSettings {
    const layout = cgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8'));
    const first = this.#options.runtime ?? (layout.hybrid ? 'runc' : 'crun');
    const sorted = runtimes.toSorted((a, b) => Number(b.name === first) - Number(a.name === first));
    const usable = layout.hybrid ? sorted.filter((r) => r.name !== 'crun' || r.name === this.#options.runtime) : sorted;
    if (usable.length === 0)
      throw criError('containerd-missing', 'crun cannot run on this machine (cgroup v1 and v2 both mounted): install runc');
    const { dataDir, runDir, cniBinDir, cniConfDir, sandboxImage } = this.#options;
    return {
      major,
      root: join(dataDir, 'root'),
      state: join(runDir, 'state'),
      socket: this.socket,
      sandboxImage,
      runtimes: usable,
      systemdCgroup: layout.version === 2 && isDirectory('/run/systemd/system'),
      restrictOomScoreAdj: !mayLowerOomScore(readFileSync('/proc/self/status', 'utf8')),
      snapshotter: this.#options.snapshotter ?? 'overlayfs',
      cniBinDir,
      cniConfDir,
      registryConfigDir: this.#options.registryConfigDir ?? join(dataDir, 'certs.d'),
    };
  }

  /** The containerd that an earlier kts started, if it runs with the same configuration; one with another is ended. */
  async #adopt(hash: string): Promise<Running | undefined> {
    const record = readRecord(this.#pidPath);
    if (!record) return undefined;
    const identity = this.#deps.children.identity(record.pid);
    if (!identity || identity.startTime !== record.startTime) return undefined;
    const running: Running = { pid: record.pid, startTime: record.startTime, child: undefined };
    if (record.hash === hash) {
      this.#deps.log.info('adopted the running containerd', { pid: record.pid });
      return running;
    }
    this.#deps.log.info('restarting containerd for a changed configuration', { pid: record.pid });
    await this.#end(running);
    return undefined;
  }

  async #launch(hash: string): Promise<Running> {
    const log = join(this.#options.dataDir, 'containerd.log');
    if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES) truncateSync(log);
    const { children } = this.#deps;
    const child = await children.start(this.#program, ['--config', this.#configPath], { life: 'detached', output: { file: log } });
    const startTime = children.identity(child.pid)?.startTime ?? '';
    writeRecord(this.#pidPath, { pid: child.pid, startTime, hash });
    return { pid: child.pid, startTime, child };
  }

  #alive(running: Running): boolean {
    return this.#deps.children.identity(running.pid)?.startTime === running.startTime;
  }

  /** Waits until containerd answers; returns its version. */
  async #answering(signal: AbortSignal): Promise<string> {
    const { clock } = this.#deps;
    const end = clock.monotonic() + START_MS;
    for (;;) {
      try {
        if (isSocket(this.socket)) {
          const version = await this.client.containerdVersion({ timeoutMs: 5000, signal });
          await this.client.version({ timeoutMs: 5000, signal }); // The CRI plugin is up a moment later than the socket.
          return version;
        }
      } catch (error) {
        if (signal.aborted) throw error;
      }
      if (!this.#running || !this.#alive(this.#running)) throw this.#startFailed('it ended at once');
      if (clock.monotonic() > end) throw this.#startFailed(`it did not answer in ${START_MS / 1000} s`);
      await clock.sleep(PROBE_EVERY_MS, signal);
    }
  }

  #startFailed(why: string): Error {
    const log = join(this.#options.dataDir, 'containerd.log');
    return criError('containerd-start', `containerd could not be started: ${why}; see ${log}${lastLine(log)}`);
  }

  async #supervise(hash: string, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    let backoff = RESTART_MIN_MS;
    while (!signal.aborted) {
      const since = clock.monotonic();
      if (this.#running) await this.#death(this.#running, signal);
      if (signal.aborted) return;
      backoff = clock.monotonic() - since > STABLE_MS ? RESTART_MIN_MS : Math.min(backoff * 2, RESTART_MAX_MS);
      log.warn('containerd died, starting it again', { pid: this.#running?.pid, afterMs: backoff });
      await clock.sleep(backoff, signal);
      try {
        this.#running = await this.#launch(hash);
        await this.#answering(signal);
        for (const listener of this.#restarted) listener();
      } catch (error) {
        if (signal.aborted) return;
        log.error('containerd could not be started again', { error: messageOf(error) });
      }
    }
  }

  /** Resolves when the process has ended. */
  async #death(running: Running, signal: AbortSignal): Promise<void> {
    if (running.child) {
      const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      await Promise.race([running.child.exited, aborted]);
      return;
    }
    while (this.#alive(running)) await this.#deps.clock.sleep(LOOK_EVERY_MS, signal);
  }

  async #end(running: Running): Promise<void> {
    const { children, clock } = this.#deps;
    children.signal(running.pid, 'SIGTERM');
    const killer = clock.after(STOP_MS, () => children.signal(running.pid, 'SIGKILL'));
    if (running.child) await running.child.exited;
    else while (this.#alive(running)) await clock.sleep(PROBE_EVERY_MS);
    killer.cancel();
  }
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const isSocket = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;

function lastLine(path: string): string {
  const line = readFileSync(path, 'utf8').trim().split('\n').at(-1) ?? '';
  return line ? `: ${line}` : '';
}
