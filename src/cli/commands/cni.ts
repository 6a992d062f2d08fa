// `kts cni`: the CNI plugin in TypeScript, for machines where the tiny static client cannot run.

import { runCniClient } from '../../agent/network/cni-client.ts';
import type { ProcessInput } from '../command.ts';

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Hands the request to the agent and prints its reply; the exit code is CNI's. */
export async function cniCommand(input: ProcessInput): Promise<number> {
  const reply = await runCniClient(input.env, await readStandardInput());
  process.stdout.write(reply.stdout);
  return reply.exitCode;
}
