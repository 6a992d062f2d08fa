// Raw tunnels: an upgrade request is sent on to another server and, once that has switched protocols, bytes go both ways unread.
// Serves SPDY clients of exec, attach and port-forward, and the WebSocket that kubectl wraps port-forward's SPDY in.

import { hasCode, messageOf } from '../errors.ts';
import { acceptWebSocket, type UpgradeEvent, webSocketBytes } from '../websocket.ts';
import { UpgradeRefusedError } from './errors.ts';
import { joinStreams, replayedHeaders, requestUpgrade, switchingProtocols, type UpgradeRequest } from './upgrade.ts';

/** The subprotocol of SPDY bytes in WebSocket messages, and the SPDY subprotocol inside. */
export const PORT_FORWARD_TUNNEL_PROTOCOL = 'SPDY/3.1+portforward.k8s.io';
const PORT_FORWARD_PROTOCOL = 'portforward.k8s.io';

/** Where a tunnel leads; headers are those to send besides the client's own upgrade headers. */
export type TunnelTarget = Omit<UpgradeRequest, 'headers'> & { readonly headers?: Readonly<Record<string, string | string[]>> };

/** Request headers of a client that are not for the server behind: they prove to this one who it is. */
const HOP_SECRETS = ['authorization'];

/**
 * Replays the client's upgrade request (method of the target, default POST; the client's headers without its credentials) and joins
 * the two connections. A refusal is answered to the client as it is. Resolves when both connections are gone.
 */
export async function tunnelUpgrade(event: UpgradeEvent, target: TunnelTarget): Promise<void> {
  let upgraded: Awaited<ReturnType<typeof requestUpgrade>>;
  try {
    const headers = { ...replayedHeaders(event.request.headers, HOP_SECRETS), ...target.headers };
    upgraded = await requestUpgrade({ ...target, headers });
  } catch (error) {
    refuse(event, error);
    return;
  }
  event.socket.write(switchingProtocols(upgraded.headers));
  if (event.head.length > 0) event.socket.unshift(event.head);
  if (upgraded.head.length > 0) upgraded.socket.unshift(upgraded.head);
  await joinStreams(event.socket, upgraded.socket);
}

/**
 * Serves kubectl's port-forward over WebSocket (`SPDY/3.1+portforward.k8s.io`): binary messages carry the bytes of a SPDY connection,
 * which go to the target unread. The target is dialled first, so that its refusal is the answer. Resolves when all is gone.
 */
export async function tunnelPortForward(event: UpgradeEvent, target: TunnelTarget): Promise<void> {
  let upgraded: Awaited<ReturnType<typeof requestUpgrade>>;
  try {
    const own = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': PORT_FORWARD_PROTOCOL };
    upgraded = await requestUpgrade({ ...target, headers: { ...target.headers, ...own } });
  } catch (error) {
    refuse(event, error);
    return;
  }
  const webSocket = await acceptWebSocket(event, PORT_FORWARD_TUNNEL_PROTOCOL);
  if (!webSocket) {
    upgraded.socket.destroy();
    return;
  }
  if (upgraded.head.length > 0) upgraded.socket.unshift(upgraded.head);
  await joinStreams(await webSocketBytes(webSocket), upgraded.socket);
}

/** Tells the client why there is no tunnel: what the server behind said, or 502 when it said nothing. */
function refuse(event: UpgradeEvent, error: unknown): void {
  if (!(error instanceof UpgradeRefusedError) && !hasCode(error, 'upgrade-failed')) {
    event.socket.destroy();
    return;
  }
  const refused = error instanceof UpgradeRefusedError;
  const status = refused ? error.status : 502;
  const body = Buffer.from(refused ? error.body : `error dialing backend: ${messageOf(error)}`);
  const type = (refused && error.contentType) || 'text/plain; charset=utf-8';
  event.socket.write(
    `HTTP/1.1 ${status} ${refused ? 'Refused' : 'Bad Gateway'}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
  );
  event.socket.end(body);
}
