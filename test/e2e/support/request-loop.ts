// Requests one after the other, each on a connection of its own, while something happens to the cluster.

import type { ChildProcess } from 'node:child_process';
import type { TestCluster } from './cluster.ts';
import { start } from './shell.ts';

/** A loop that runs on the client machine from its construction to `end`. */
export class RequestLoop {
  readonly #child: ChildProcess;
  #output = '';

  constructor(cluster: TestCluster, url: string) {
    const script = `trap 'exit 0' TERM; while :; do curl -s -m 2 -o /dev/null '${url}'; echo $?; done`;
    const [program = '', ...words] = [...cluster.lan.client, 'sh', '-c', script];
    this.#child = start(program, words);
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString();
    });
  }

  /** Ends the loop; the exit codes of curl: 0 = answered. */
  async end(): Promise<number[]> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGTERM');
    await ended;
    return this.#output.split('\n').filter(Boolean).map(Number);
  }
}
