// A pod's network namespace, entered from its node: for programs that the test image does not have.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KtsNode } from './kts-node.ts';
import { run } from './shell.ts';

/** The words that run a program of this machine in the network of the pod with that address. */
export async function enterPod(node: KtsNode, ip: string): Promise<readonly string[]> {
  const directory = join(node.runDir, 'containerd/state/io.containerd.grpc.v1.cri/netns');
  for (const name of readdirSync(directory)) {
    const words = ['nsenter', `--net=${join(directory, name)}`, '--'];
    const { stdout } = await run('nsenter', [...words.slice(1), 'ip', '-4', '-o', 'addr']);
    if (stdout.includes(` ${ip}/`)) return words;
  }
  throw new Error(`no pod of ${node.machine.name} has the address ${ip}`);
}
