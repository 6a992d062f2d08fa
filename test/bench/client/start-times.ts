// Watches a server start from outside: when its node is Ready and when its DNS answers. Started before the server.

import { createSocket } from 'node:dgram';
import { statSync } from 'node:fs';
import { decode, encode } from 'dns-packet';
import { NODES } from '../../../src/client/resources.ts';
import { openClient } from './access.ts';

/** What is watched. */
export interface StartTimesInput {
  readonly kubeconfig: string;
  readonly node: string;
  readonly dns: string;
  readonly timeoutMs: number;
  /** Wall clock time of the start in ms: what is older does not count. */
  readonly since: number;
}

/** Wall clock times in ms. */
export interface StartTimes {
  readonly apiAnswers: number;
  readonly nodeReady: number;
  readonly dnsAnswers: number;
}

const EVERY_MS = 25;
const NAME = 'kubernetes.default.svc.cluster.local';

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, EVERY_MS));

/** Resolves when both are there. */
export async function startTimes(input: StartTimesInput): Promise<StartTimes> {
  const signal = AbortSignal.timeout(input.timeoutMs);
  const [node, dnsAnswers] = await Promise.all([nodeReady(input, signal), dnsAnswer(input.dns, signal)]);
  return { ...node, dnsAnswers };
}

async function nodeReady(input: StartTimesInput, signal: AbortSignal): Promise<Omit<StartTimes, 'dnsAnswers'>> {
  // An earlier run's file names the same authority; at a first start there is none yet.
  while (!(statSync(input.kubeconfig, { throwIfNoEntry: false })?.size ?? 0)) {
    signal.throwIfAborted();
    await pause();
  }
  let apiAnswers: number | undefined;
  const client = await openClient(input.kubeconfig);
  try {
    for (;;) {
      signal.throwIfAborted();
      try {
        await client.list(NODES, { signal });
        apiAnswers ??= Date.now();
        const at = await watchReady(client, input, signal);
        if (at !== undefined) return { apiAnswers, nodeReady: at };
      } catch {
        signal.throwIfAborted(); // Not up yet.
      }
      await pause();
    }
  } finally {
    await client.close();
  }
}

/** The time of the event that shows the node Ready, with a heartbeat of this run. */
async function watchReady(client: Awaited<ReturnType<typeof openClient>>, input: StartTimesInput, signal: AbortSignal) {
  const fieldSelector = `metadata.name=${input.node}`;
  for await (const { object } of client.watch(NODES, { fieldSelector, signal })) {
    const ready = object.status?.conditions?.find(({ type }) => type === 'Ready');
    // Heartbeats have whole seconds.
    const fresh = Date.parse(ready?.lastHeartbeatTime ?? '') >= Math.floor(input.since / 1000) * 1000;
    if (ready?.status === 'True' && fresh) return Date.now();
  }
  return undefined;
}

/** The time of the first answer with an address. */
function dnsAnswer(server: string, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const query = encode({ type: 'query', id: 1, flags: 256, questions: [{ type: 'A', name: NAME }] });
    // While there is no route to the address, sending fails.
    const timer = setInterval(() => socket.send(query, 53, server, () => {}), EVERY_MS);
    const end = (): void => {
      clearInterval(timer);
      socket.close();
    };
    socket.on('error', () => {});
    socket.on('message', (message) => {
      if ((decode(message).answers ?? []).length === 0) return;
      end();
      resolve(Date.now());
    });
    signal.addEventListener('abort', () => {
      end();
      reject(signal.reason);
    });
  });
}
