// The agent's thread. In the executable it is in a bundle of its own (src/agent.ts): a thread that runs a node must not hold the source
// text of the control plane.

import { parentPort, workerData } from 'node:worker_threads';
import { runAgentThread } from './agent-thread.ts';
import type { ThreadData } from './thread-data.ts';

/** Runs the agent with the data this thread was started with. */
export async function runAgent(): Promise<void> {
  const { data } = workerData as ThreadData; // Set by threadStarter only.
  if (!parentPort) throw new RangeError('runAgent outside a thread');
  await runAgentThread(data as Parameters<typeof runAgentThread>[0], parentPort);
}
