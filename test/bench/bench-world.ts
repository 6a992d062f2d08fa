// The machines of a run: a private network with a server and an agent, made when first asked for, removed without residue.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testImage } from '../../scripts/images/test-image.ts';
import { cgroupLayout } from '../../src/cri/cgroup-layout.ts';
import { KtsNode } from '../e2e/support/kts-node.ts';
import { Kubectl } from '../e2e/support/kubectl.ts';
import { enter, Lan, type Machine } from '../e2e/support/lan.ts';
import { eventually } from '../e2e/support/shell.ts';
import type { ClientPrograms } from './client/program.ts';

type Input<N extends keyof ClientPrograms> = Parameters<ClientPrograms[N]>[0];
type Output<N extends keyof ClientPrograms> = Awaited<ReturnType<ClientPrograms[N]>>;

const NAME = 'kts-bench';

/** What the measurements run on. */
export class BenchWorld {
  readonly #lan: Lan;
  readonly #root: string;
  /** Ends clients that still run when the world is removed. */
  readonly #removed = new AbortController();
  #server: KtsNode | undefined;
  #agent: KtsNode | undefined;
  #removal: Promise<void> | undefined;

  private constructor(lan: Lan, root: string) {
    this.#lan = lan;
    this.#root = root;
  }

  /** Makes the network; starts nothing. */
  static async create(): Promise<BenchWorld> {
    const root = mkdtempSync(join(tmpdir(), `${NAME}-`));
    return new BenchWorld(await Lan.create(NAME, 2), root);
  }

  /** A server that has never run, not started; one that is there is removed. */
  async freshServer(): Promise<KtsNode> {
    await this.#server?.remove();
    this.#server = new KtsNode(this.#machine(0), this.#root);
    return this.#server;
  }

  /** The running server with the test image. */
  async server(): Promise<KtsNode> {
    const server = this.#server ?? (await this.freshServer());
    if (!isRunning(server)) await server.startServer();
    const images = join(server.dataDir, 'agent/images');
    mkdirSync(images, { recursive: true });
    const archive = join(images, 'busybox.tar');
    if (!existsSync(archive)) writeFileSync(archive, await testImage());
    return server;
  }

  /** A started agent of the server; `removeAgent` ends it. */
  async startAgent(): Promise<KtsNode> {
    const server = await this.server();
    this.#agent = new KtsNode(this.#machine(1), this.#root);
    const token = readFileSync(join(server.dataDir, 'server/node-token'), 'utf8').trim();
    await this.#agent.startAgent(`https://${server.machine.address}:6443`, token);
    return this.#agent;
  }

  /** Ends the agent and removes what it had, its node too: nothing is to be scheduled there. */
  async removeAgent(): Promise<void> {
    const agent = this.#agent;
    if (!agent) return;
    this.#agent = undefined;
    await agent.remove();
    removeCgroup(agent.cgroupRoot);
    if (this.#server) await new Kubectl(this.#server).run(['delete', 'node', agent.machine.name]);
  }

  /** Runs a client on a machine's network and resolves to what it found. */
  client<N extends keyof ClientPrograms>(machine: Machine, name: N, input: Input<N>): Promise<Output<N>> {
    const program = join(import.meta.dirname, 'client/program.ts');
    const [command = '', ...words] = [...enter(machine.netns), process.execPath, '--no-warnings', program, name, JSON.stringify(input)];
    return runForJson(command, words, this.#removed.signal) as Promise<Output<N>>; // It prints what the function of that name gives.
  }

  /** Ends all and removes everything, once. */
  remove(): Promise<void> {
    this.#removal ??= this.#remove();
    return this.#removal;
  }

  async #remove(): Promise<void> {
    this.#removed.abort();
    const nodes = [this.#agent, this.#server].filter((node) => node !== undefined);
    try {
      for (const node of nodes) await node.remove();
    } finally {
      await this.#lan.remove();
      for (const { cgroupRoot } of nodes) removeCgroup(cgroupRoot);
      rmSync(this.#root, { recursive: true, force: true });
    }
  }

  #machine(index: number): Machine {
    const machine = this.#lan.machines[index];
    if (!machine) throw new RangeError(`no machine ${index}`);
    return { ...machine, name: `bench${index + 1}` }; // The name tells the cgroups of nodes on this computer apart.
  }
}

function isRunning(node: KtsNode): boolean {
  try {
    return node.pid > 0;
  } catch {
    return false;
  }
}

/** Ends the containerd that a stopped kts left running, so that the next start begins without one. */
export async function endContainerd(node: KtsNode): Promise<void> {
  const { pid } = JSON.parse(readFileSync(join(node.runDir, 'containerd/containerd.json'), 'utf8')) as { pid: number };
  process.kill(pid, 'SIGTERM');
  await eventually('the end of containerd', async () => !isAlive(pid), 20_000);
}

/** Removes the cgroup that the pods of a node were below, in all hierarchies. */
function removeCgroup(path: string): void {
  for (const { mountpoint } of cgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8')).hierarchies) {
    if (existsSync(join(mountpoint, path))) rmdirSync(join(mountpoint, path));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Runs a program and reads its output as JSON. The signal kills it. */
export function runForJson(command: string, words: readonly string[], signal?: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], ...(signal && { signal }) });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(out).toString('utf8')));
      else reject(new RangeError(`a client ended with ${code}: ${Buffer.concat(err).toString('utf8').trim().slice(-1500)}`));
    });
  });
}
