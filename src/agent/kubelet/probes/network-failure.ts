// What probes over the network share: who they say they are, and failures of connections in the words that users know from events
// and search for, those of Go's net package.

import { hasCode, messageOf } from '../../../base/errors.ts';
import { KUBERNETES_VERSION } from '../../../base/version.ts';

const TEXTS: readonly (readonly [code: string, text: string])[] = [
  ['ECONNREFUSED', 'connect: connection refused'],
  ['EHOSTUNREACH', 'connect: no route to host'],
  ['ENETUNREACH', 'connect: network is unreachable'],
  ['ETIMEDOUT', 'connect: connection timed out'],
];

/** `dial tcp <address>: connect: connection refused` and the like. */
export function networkFailure(error: unknown, address: string): string {
  const known = TEXTS.find(([code]) => hasCode(error, code));
  if (known) return `dial tcp ${address}: ${known[1]}`;
  if (hasCode(error, 'ECONNRESET'))
    return hasMessage(error, 'socket hang up') ? 'EOF' : `read tcp ${address}: read: connection reset by peer`;
  return messageOf(error);
}

/** Node gives a connection that ends before the answer the same code as one that is reset; the text is part of its API. */
function hasMessage(error: unknown, message: string): boolean {
  return messageOf(error) === message;
}

/** How probes name themselves, e.g. `kube-probe/1.36`. */
export function probeUserAgent(): string {
  return `kube-probe/${KUBERNETES_VERSION.slice(1).split('.', 2).join('.')}`;
}

/** `host:port`, with brackets around an IPv6 address. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
