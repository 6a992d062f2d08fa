// Where a request carries a token.

import type { Credentials } from './auth.ts';

/** A WebSocket subprotocol of browsers, which cannot set the header: kubernetes.io documentation of the API's WebSocket handshake. */
const PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

/** The bearer token, from the Authorization header or the WebSocket subprotocols. */
export function bearerToken({ authorization, webSocketProtocols }: Credentials): string | undefined {
  const [scheme = '', token = ''] = (authorization ?? '').trim().split(' ');
  if (scheme.toLowerCase() === 'bearer' && token !== '') return token;
  const protocol = webSocketProtocols.find((name) => name.startsWith(PROTOCOL));
  return protocol === undefined ? undefined : Buffer.from(protocol.slice(PROTOCOL.length), 'base64url').toString();
}
