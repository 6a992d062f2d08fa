// Request headers as they go on to a server behind this one: without what says who the user is or proves it, with where the request came from.

import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { isIdentityHeader } from '../../auth/auth-proxy-headers.ts';
import { TOKEN_PROTOCOL } from '../../auth/bearer-token.ts';
import type { Exchange } from '../exchange.ts';
import { endToEnd } from './relay.ts';

/** The client's headers without what says who it is, and from where the request came. `uri` is the path that the client asked for. */
export function forwardedHeaders(exchange: Exchange, uri: string = exchange.path): OutgoingHttpHeaders {
  const received = Object.entries(endToEnd(exchange.request.headers));
  const kept = Object.fromEntries(received.filter(([name]) => !isIdentityHeader(name) && name !== 'host'));
  const before = kept['x-forwarded-for'];
  const address = exchange.socket.remoteAddress;
  const chain = [...(before === undefined ? [] : [before].flat()), ...(address === undefined ? [] : [address])].join(', ');
  return {
    ...kept,
    'audit-id': exchange.auditId,
    ...(chain !== '' && { 'x-forwarded-for': chain }),
    'x-forwarded-host': requestHost(exchange),
    'x-forwarded-proto': 'https',
    'x-forwarded-uri': uri,
  };
}

/** The host, with its port, that the client asked; `''` when it did not say. */
export function requestHost(exchange: Exchange): string {
  return exchange.header(':authority') ?? exchange.header('host') ?? '';
}

/** Takes from the headers of a request to switch protocols what says who asks. They are this exchange's own: nobody else reads them any more. */
export function dropIdentity(received: IncomingHttpHeaders): void {
  for (const name of Object.keys(received)) if (isIdentityHeader(name)) delete received[name];
  const protocols = received['sec-websocket-protocol']?.split(',').map((text) => text.trim());
  if (protocols) received['sec-websocket-protocol'] = protocols.filter((text) => !text.startsWith(TOKEN_PROTOCOL)).join(', ');
}
