// The cluster that the suites share: a network of two machines and a client, a server on the first, the second free for an agent.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testImage } from '../../../scripts/images/test-image.ts';
import { KtsNode } from './kts-node.ts';
import { Kubectl } from './kubectl.ts';
import { Lan } from './lan.ts';
import { residueOf } from './residue.ts';
import { type Output, run } from './shell.ts';

/** A cluster of a test file. */
export class TestCluster {
  readonly lan: Lan;
  readonly server: KtsNode;
  readonly agent: KtsNode;
  readonly kubectl: Kubectl;
  readonly #root: string;
  readonly #name: string;

  private constructor(lan: Lan, server: KtsNode, agent: KtsNode, place: { readonly root: string; readonly name: string }) {
    this.lan = lan;
    this.server = server;
    this.agent = agent;
    this.kubectl = new Kubectl(server);
    this.#root = place.root;
    this.#name = place.name;
  }

  /** Makes the network and puts the test image where nodes import it from; starts nothing. */
  static async create(name: string): Promise<TestCluster> {
    const root = mkdtempSync(join(tmpdir(), `${name}-`));
    const lan = await Lan.create(name, 2);
    const [first, second] = lan.machines;
    if (!first || !second) throw new RangeError('a network of two machines');
    const cluster = new TestCluster(lan, new KtsNode(first, root), new KtsNode(second, root), { root, name });
    const image = await testImage();
    for (const node of [cluster.server, cluster.agent]) {
      const images = join(node.dataDir, 'agent/images');
      mkdirSync(images, { recursive: true });
      writeFileSync(join(images, 'busybox.tar'), image);
    }
    return cluster;
  }

  /** URL of the API for members of the network. */
  get url(): string {
    return `https://${this.server.machine.address}:6443`;
  }

  /** The token agents join with. */
  get token(): string {
    return readFileSync(join(this.server.dataDir, 'server/node-token'), 'utf8').trim();
  }

  /** Runs a program on the client machine of the network. */
  client(args: readonly string[], timeoutMs = 20_000): Promise<Output> {
    const [program = '', ...words] = [...this.lan.client, ...args];
    return run(program, words, { timeoutMs });
  }

  /** Ends both nodes and removes everything. */
  async remove(): Promise<void> {
    const ends = await Promise.allSettled([this.agent.remove(), this.server.remove()]);
    await this.lan.remove();
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    rmSync(this.#root, { recursive: true, force: true });
    assert.deepEqual(residueOf(this.#root, this.#name), [], 'something is left behind');
  }
}
