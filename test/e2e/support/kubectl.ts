// kubectl against a cluster of the test.

import type { KtsNode } from './kts-node.ts';
import { enter } from './lan.ts';
import { eventually, type Output, type RunOptions, run } from './shell.ts';

/** Runs kubectl, unmodified, with the cluster's admin kubeconfig, on the server's machine. */
export class Kubectl {
  readonly #node: KtsNode;
  readonly #namespace: string | undefined;
  readonly #program: string;

  constructor(node: KtsNode, namespace?: string, program = 'kubectl') {
    this.#node = node;
    this.#namespace = namespace;
    this.#program = program;
  }

  /** kubectl with another default namespace. */
  in(namespace: string): Kubectl {
    return new Kubectl(this.#node, namespace, this.#program);
  }

  /** Another kubectl, by its path. */
  by(program: string): Kubectl {
    return new Kubectl(this.#node, this.#namespace, program);
  }

  /** The words of a kubectl command, to be started by the caller. */
  words(args: readonly string[]): string[] {
    const scope = this.#namespace === undefined ? [] : ['--namespace', this.#namespace];
    return [...enter(this.#node.machine.netns), this.#program, '--kubeconfig', this.#node.kubeconfig, ...scope, ...args];
  }

  /** Runs a command to its end, with any exit code. */
  try(args: readonly string[], options: RunOptions = {}): Promise<Output> {
    const [program = '', ...words] = this.words(args);
    return run(program, words, { ...options, env: { HOME: this.#node.root, ...options.env } });
  }

  /** Runs a command, demands success, and returns its standard output. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.try(args, options);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Applies manifests. */
  apply(...manifests: readonly object[]): Promise<string> {
    return this.run(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }) });
  }

  /** An object, or a list. */
  async json<T = Record<string, unknown>>(args: readonly string[]): Promise<T> {
    return JSON.parse(await this.run([...args, '-o', 'json'])) as T;
  }

  /** A jsonpath of an object; `''` when absent. */
  path(what: string, path: string): Promise<string> {
    return this.run(['get', ...what.split(' '), '-o', `jsonpath=${path}`]);
  }

  /** Waits until a jsonpath has a value that fits. */
  until(what: string, path: string, fits: (value: string) => boolean, timeoutMs = 60_000): Promise<string> {
    return eventually(
      `${what} ${path}`,
      async () => {
        const value = await this.path(what, path);
        if (fits(value)) return { value };
        throw new Error(`it is ${JSON.stringify(value)}`);
      },
      timeoutMs,
    ).then(({ value }) => value);
  }

  /** Waits until a pod is Ready. */
  async ready(pod: string, timeoutMs = 60_000): Promise<void> {
    await this.until(`pod ${pod}`, '{.status.conditions[?(@.type=="Ready")].status}', (value) => value === 'True', timeoutMs);
  }
}
