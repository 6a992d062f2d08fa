// One kts process of a test: its directories, its life, its clean-up by `kts uninstall`.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { enter, type Machine } from './lan.ts';
import { eventually, type Output, run } from './shell.ts';

/** The executable under test: what was built, or that of the variable KTS_UNDER_TEST. */
export const KTS = process.env['KTS_UNDER_TEST'] ?? resolve(import.meta.dirname, '../../../dist', `kts-linux-${process.arch}`);

const START_MS = 120_000;

/** A server or agent on a machine of the test's network. */
export class KtsNode {
  readonly machine: Machine;
  readonly root: string;
  readonly kubeconfig: string;
  #child: ChildProcess | undefined;

  constructor(machine: Machine, root: string) {
    this.machine = machine;
    this.root = join(root, machine.name);
    this.kubeconfig = join(this.root, 'kubeconfig.yaml');
    mkdirSync(this.root, { recursive: true });
  }

  get dataDir(): string {
    return join(this.root, 'data');
  }

  get runDir(): string {
    return join(this.root, 'run');
  }

  get cgroupRoot(): string {
    return `/${this.machine.netns}`;
  }

  get #directoryFlags(): string[] {
    const { root } = this;
    return [
      `--data-dir=${this.dataDir}`,
      `--run-dir=${this.runDir}`,
      `--kubelet-dir=${root}/kubelet`,
      `--pod-logs-dir=${root}/log/pods`,
      `--container-logs-dir=${root}/log/containers`,
      `--cgroup-root=${this.cgroupRoot}`,
    ];
  }

  /** What kts has logged. */
  get log(): string {
    const path = join(this.root, 'kts.log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  get pid(): number {
    assert.ok(this.#child?.pid, 'kts is not running');
    return this.#child.pid;
  }

  /** Starts `kts server` and waits until its node is Ready and its DNS answers. */
  async startServer(flags: readonly string[] = []): Promise<void> {
    await this.#start('server', [`--write-kubeconfig=${this.kubeconfig}`, `--node-ip=${this.machine.address}`, ...flags]);
  }

  /** Starts `kts agent` and waits until it is ready. */
  async startAgent(server: string, token: string, flags: readonly string[] = []): Promise<void> {
    await this.#start('agent', [`--join=${server}`, `--token=${token}`, `--node-ip=${this.machine.address}`, ...flags]);
  }

  async #start(command: 'server' | 'agent', flags: readonly string[]): Promise<void> {
    const ready = join(this.runDir, command === 'server' ? 'kts.ready' : 'kts-agent.ready');
    rmSync(ready, { force: true });
    const [program = '', ...words] = [
      ...enter(this.machine.netns),
      KTS,
      command,
      ...this.#directoryFlags,
      `--node-name=${this.machine.name}`,
      ...flags,
    ];
    const log = openSync(join(this.root, 'kts.log'), 'a');
    const child = spawn(program, words, { stdio: ['ignore', log, log] });
    this.#child = child;
    await eventually(
      `${command} on ${this.machine.name} ready`,
      async () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${this.log.slice(-3000)}`);
        return existsSync(ready);
      },
      START_MS,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.log.slice(-3000)}`);
    });
  }

  /** Sends a signal and waits for the end; resolves to the milliseconds it took. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return 0;
    const started = Date.now();
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill(signal);
    await ended;
    return Date.now() - started;
  }

  /** Runs another command of kts with this node's directories, in its network. */
  kts(command: string, flags: readonly string[] = []): Promise<Output> {
    const [program = '', ...words] = [...enter(this.machine.netns), KTS, command, ...flags];
    return run(program, words, { timeoutMs: 120_000 });
  }

  /** Ends everything and removes all files; fails when `kts uninstall` reports a residue. */
  async remove(): Promise<void> {
    await this.stop();
    const result = await this.kts('uninstall', [...this.#directoryFlags]);
    assert.equal(result.code, 0, `uninstall: ${result.stdout}${result.stderr}`);
    rmSync(this.root, { recursive: true, force: true });
  }
}
