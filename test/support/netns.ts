// Network namespaces for tests that need root: made, used and removed by the test, so that the machine's own network is never touched.

import { type Exec, type ExecOptions, type ExecResult, runOk, systemExec } from '../../src/base/exec.ts';

let counter = 0;

/** A namespace and what runs in it. */
export interface Netns {
  readonly name: string;
  readonly path: string;
  /** Runs programs inside. */
  readonly exec: Exec;
  /** Runs a shell command inside; resolves whatever its exit code. */
  sh(command: string, options?: ExecOptions): Promise<ExecResult>;
  remove(): Promise<void>;
}

/** Makes a namespace with its loopback interface up. */
export async function createNetns(label: string): Promise<Netns> {
  counter += 1;
  const name = `kts-t-${process.pid}-${counter}-${label}`;
  const path = `/run/netns/${name}`;
  await runOk(systemExec, 'ip', ['netns', 'add', name]);
  await runOk(systemExec, 'ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  const exec: Exec = { run: (command, args, options) => systemExec.run('nsenter', [`--net=${path}`, command, ...args], options) };
  return {
    name,
    path,
    exec,
    sh: (command, options) => exec.run('sh', ['-c', command], options),
    async remove() {
      await systemExec.run('ip', ['netns', 'del', name]);
    },
  };
}

/** Joins two namespaces with a veth pair; each end is named and given an address with prefix length. */
export async function connectNetns(
  a: { ns: Netns; link: string; address: string },
  b: { ns: Netns; link: string; address: string },
): Promise<void> {
  await runOk(systemExec, 'ip', ['-n', a.ns.name, 'link', 'add', a.link, 'type', 'veth', 'peer', 'name', b.link, 'netns', b.ns.name]);
  for (const { ns, link, address } of [a, b]) {
    await runOk(systemExec, 'ip', ['-n', ns.name, 'addr', 'add', address, 'dev', link]);
    await runOk(systemExec, 'ip', ['-n', ns.name, 'link', 'set', link, 'up']);
  }
}
