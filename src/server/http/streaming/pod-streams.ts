// pods/log, exec, attach and portforward: relayed to the kubelet of the pod's node.

import { badRequest, notFound, StatusError } from '../../../api/status-error.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import { serveRemoteCommand } from '../../../base/spdy/remote-command.ts';
import { PORT_FORWARD_TUNNEL_PROTOCOL, tunnelPortForward, tunnelUpgrade } from '../../../base/spdy/tunnel.ts';
import { dialSpdy } from '../../../base/spdy/upgrade.ts';
import { isWebSocketRequest, offeredProtocols, type UpgradeEvent } from '../../../base/websocket.ts';
import type { Exchange } from '../exchange.ts';
import { type KubeletAccess, kubeletUrl } from './kubelet-access.ts';
import { checkRunning, chooseContainer, kubeletFailure, kubeletQuery, remoteStreams } from './pod-target.ts';
import { openRelay, readText, sendBack } from './relay.ts';

/** Reads objects by name; undefined when there is none. */
export interface ObjectLookup {
  pod(namespace: string, name: string): core.Pod | undefined;
  node(name: string): core.Node | undefined;
  service(namespace: string, name: string): core.Service | undefined;
  endpoints(namespace: string, name: string): core.Endpoints | undefined;
}

/** What the handlers need of the server. */
export interface StreamDeps {
  readonly lookup: ObjectLookup;
  readonly kubelet: KubeletAccess;
}

/** Query parameters of /log that a kubelet takes under the same name. */
const LOG_PARAMETERS = ['follow', 'previous', 'sinceSeconds', 'sinceTime', 'timestamps', 'tailLines', 'limitBytes', 'stream'];

function podOf(exchange: Exchange, deps: StreamDeps): core.Pod {
  const { namespace, name } = exchange.info;
  const pod = deps.lookup.pod(namespace, name);
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name);
  return pod;
}

/** The node of a pod. @throws StatusError NotFound */
function nodeOf(pod: core.Pod, deps: StreamDeps): core.Node {
  const name = pod.spec.nodeName ?? '';
  const node = deps.lookup.node(name);
  if (!node) throw notFound({ group: '', resource: 'nodes' }, name);
  return node;
}

const pathOf = (...parts: string[]): string => parts.map((part) => `/${encodeURIComponent(part)}`).join('');

/** Serves pods/log. */
export async function podLog(exchange: Exchange, deps: StreamDeps): Promise<void> {
  const { namespace, name } = exchange.info;
  const pod = podOf(exchange, deps);
  const { query } = exchange;
  if (query.has('sinceSeconds') && query.has('sinceTime'))
    throw badRequest('at most one of `sinceTime` or `sinceSeconds` may be specified');
  const container = chooseContainer(pod, query.get('container') ?? '');
  if (!pod.spec.nodeName) {
    exchange.send(200, { 'content-type': 'text/plain' }, '');
    return;
  }
  const node = nodeOf(pod, deps);
  const wanted = new URLSearchParams();
  for (const parameter of LOG_PARAMETERS) {
    const value = query.get(parameter);
    if (value !== null && value !== '') wanted.set(parameter, value);
  }
  const url = `${kubeletUrl(node, deps.kubelet)}/containerLogs${pathOf(namespace, name, container)}?${wanted}`;
  const answer = await openRelay(exchange, { url, method: 'GET', headers: {}, tls: deps.kubelet.tls(node), body: 'none' });
  const code = answer.statusCode ?? 0;
  if (code < 200 || code > 206) throw kubeletFailure(code, await readText(answer));
  exchange.begin(200, { 'content-type': 'text/plain' });
  await sendBack(exchange, answer, {});
}

function upgradeOf(exchange: Exchange): UpgradeEvent {
  if (!exchange.upgrade) throw badRequest('Upgrade request required');
  return exchange.upgrade;
}

/** Serves pods/exec and pods/attach: SPDY as a tunnel, WebSockets translated. */
export async function podRemoteCommand(exchange: Exchange, deps: StreamDeps, kind: 'exec' | 'attach'): Promise<void> {
  const { namespace, name } = exchange.info;
  const pod = podOf(exchange, deps);
  checkRunning(pod, kind === 'exec' ? 'exec into' : 'attach to');
  const container = chooseContainer(pod, exchange.query.get('container') ?? '');
  const streams = remoteStreams(exchange.query);
  const commands = kind === 'exec' ? exchange.query.getAll('command') : [];
  if (kind === 'exec' && commands.length === 0) throw badRequest('you must specify at least one command for the container');
  const event = upgradeOf(exchange);
  const node = nodeOf(pod, deps);
  const url = `${kubeletUrl(node, deps.kubelet)}/${kind}${pathOf(namespace, name, container)}?${kubeletQuery(streams, commands)}`;
  const tls = deps.kubelet.tls(node);
  if (!isWebSocketRequest(event.request.headers)) {
    await tunnelUpgrade(event, { url, tls, signal: exchange.signal });
    return;
  }
  await serveRemoteCommand(event, streams, (signal) => dialSpdy({ url, headers: {}, tls, signal }), exchange.signal);
}

/** Serves pods/portforward: SPDY as a tunnel, bare or wrapped in a WebSocket. */
export async function podPortForward(exchange: Exchange, deps: StreamDeps): Promise<void> {
  const { namespace, name } = exchange.info;
  const pod = podOf(exchange, deps);
  if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
  const event = upgradeOf(exchange);
  const node = nodeOf(pod, deps);
  const url = `${kubeletUrl(node, deps.kubelet)}/portForward${pathOf(namespace, name)}`;
  const target = { url, tls: deps.kubelet.tls(node), signal: exchange.signal };
  if (!isWebSocketRequest(event.request.headers)) await tunnelUpgrade(event, target);
  else if (offeredProtocols(event.request.headers).includes(PORT_FORWARD_TUNNEL_PROTOCOL)) await tunnelPortForward(event, target);
  else {
    // A refusal makes kubectl fall back to SPDY.
    const message = `unable to upgrade: unable to negotiate protocol: client supports ${offeredProtocols(event.request.headers)}, server accepts ${PORT_FORWARD_TUNNEL_PROTOCOL}`;
    throw new StatusError(403, 'Forbidden', message);
  }
}
