// tcpSocket probes: success is a connection.

import { connect } from 'node:net';
import type { Container, TCPSocketAction } from '../../../api/types/core-v1.gen.ts';
import { hostPort, networkFailure } from './network-failure.ts';
import { type Attempt, portNumber } from './probe-rules.ts';

/** Probes once. `signal` aborts when the time is over. */
export async function probeTcp(action: TCPSocketAction, container: Container, podIp: string, signal: AbortSignal): Promise<Attempt> {
  const port = portNumber(container, action.port);
  if (port === undefined) return { outcome: 'error', output: `couldn't find port: ${JSON.stringify(action.port)}` };
  const host = action.host || podIp;
  const address = hostPort(host, port);
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (attempt: Attempt): void => {
      signal.removeEventListener('abort', onTimeout);
      socket.destroy();
      resolve(attempt);
    };
    const onTimeout = (): void => end({ outcome: 'failure', output: `dial tcp ${address}: i/o timeout` });
    socket.on('connect', () => end({ outcome: 'success', output: '' }));
    socket.on('error', (error) => end({ outcome: 'failure', output: networkFailure(error, address) }));
    if (signal.aborted) onTimeout();
    else signal.addEventListener('abort', onTimeout, { once: true });
  });
}
