// A registry of images in the network of a node (Debian: docker-registry): one store with two doors on loopback, where containerd
// speaks plain HTTP. One door is open, the other asks for a user and a password.

import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testImage } from '../../../scripts/images/test-image.ts';
import type { KtsNode } from './kts-node.ts';
import { enter } from './lan.ts';
import { eventually, run, runOk, start } from './shell.ts';

/** Who may pull at the closed door. */
export const REGISTRY_USER = { username: 'kts', password: 's3cret' } as const;
/** The line of htpasswd(1) for it (bcrypt). */
const HTPASSWD = 'kts:$2y$06$Vwt7eY2g1DIRSlDdn.ZwcOrqxzWoXtt/xAgarmnuacvE7gD1wl9pK\n';

const OPEN = '127.0.0.1:5001';
const CLOSED = '127.0.0.1:5000';

/** A running registry. */
export class Registry {
  /** The doors' addresses. */
  readonly open = OPEN;
  readonly closed = CLOSED;
  readonly #node: KtsNode;
  readonly #processes: ChildProcess[] = [];

  private constructor(node: KtsNode) {
    this.#node = node;
  }

  /** Starts it and waits until it answers. */
  static async start(node: KtsNode): Promise<Registry> {
    const registry = new Registry(node);
    const directory = join(node.root, 'registry');
    mkdirSync(join(directory, 'store'), { recursive: true });
    writeFileSync(join(directory, 'htpasswd'), HTPASSWD);
    for (const address of [OPEN, CLOSED]) {
      const auth = address === CLOSED ? { auth: { htpasswd: { realm: 'test', path: join(directory, 'htpasswd') } } } : {};
      const config = {
        version: 0.1,
        storage: { filesystem: { rootdirectory: join(directory, 'store') } },
        http: { addr: address },
        ...auth,
      };
      const path = join(directory, `${address}.yml`);
      writeFileSync(path, JSON.stringify(config)); // JSON is YAML
      const [program = '', ...words] = [...registry.#inside, 'docker-registry', 'serve', path];
      const child = start(program, words);
      child.stdout?.resume();
      child.stderr?.resume();
      registry.#processes.push(child);
    }
    await eventually('the registry answers', () => registry.#answers(), 20_000);
    return registry;
  }

  get #inside(): readonly string[] {
    return enter(this.#node.machine.netns);
  }

  async #answers(): Promise<boolean> {
    const [program = '', ...words] = [...this.#inside, 'curl', '-s', `http://${OPEN}/v2/`, `http://${CLOSED}/v2/`];
    return (await run(program, words)).code === 0;
  }

  /** Puts the test image into the store under a name. */
  async push(repository: string, tag: string): Promise<void> {
    const archive = join(this.#node.root, 'registry', 'image.tar');
    writeFileSync(archive, await testImage({ name: `${repository}:${tag}` }));
    const push = join(import.meta.dirname, 'push-image.ts');
    const [program = '', ...words] = [...this.#inside, process.execPath, push, archive, `http://${OPEN}`, repository, tag];
    await runOk(program, words);
  }

  /** Ends it. */
  async stop(): Promise<void> {
    for (const child of this.#processes.splice(0)) {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      if (child.exitCode === null && child.kill('SIGKILL')) await ended;
    }
  }
}
