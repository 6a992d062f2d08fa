// Where a request carries a token.

import type { Credentials } from './auth.ts';

/** The beginning of a WebSocket subprotocol of browsers, which cannot set the header: kubernetes.io documentation of the API's WebSocket handshake. */
export const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

/** The bearer token, from the Authorization header or the WebSocket subprotocols. */
export function bearerToken({ authorization, webSocketProtocols }: Credentials): string | undefined {
  const [scheme = '', token = ''] = (authorization ?? '').trim().split(' ');
  if (scheme.toLowerCase() === 'bearer' && token !== '') return token;
  const protocol = webSocketProtocols.find((name) => name.startsWith(TOKEN_PROTOCOL));
  return protocol === undefined ? undefined : Buffer.from(protocol.slice(TOKEN_PROTOCOL.length), 'base64url').toString();
}
