// pods/proxy, services/proxy and nodes/proxy: any request sent on as it is, upgrades included.

import { randomInt } from 'node:crypto';
import { notFound } from '../../../api/status-error.ts';
import { tunnelUpgrade } from '../../../base/spdy/tunnel.ts';
import type { UpgradeTls } from '../../../base/spdy/upgrade.ts';
import type { Exchange } from '../exchange.ts';
import { kubeletUrl } from './kubelet-access.ts';
import type { StreamDeps } from './pod-streams.ts';
import { parseProxyName, podBase, serviceBase } from './proxy-target.ts';
import { endToEnd, openRelay, sendBack } from './relay.ts';

/** A server behind: its base URL, and how to trust it. Pods and Services are not verified, as upstream. */
interface Backend {
  readonly base: string;
  readonly tls: UpgradeTls;
}

const UNVERIFIED: UpgradeTls = { rejectUnauthorized: false };

function backendOf(exchange: Exchange, deps: StreamDeps): Backend {
  const { resource, namespace, name } = exchange.info;
  const wish = parseProxyName(name);
  if (resource === 'nodes') {
    const node = deps.lookup.node(wish.name);
    if (!node) throw notFound({ group: '', resource }, wish.name);
    return { base: kubeletUrl(node, deps.kubelet), tls: deps.kubelet.tls(node) };
  }
  if (resource === 'pods') {
    const pod = deps.lookup.pod(namespace, wish.name);
    if (!pod) throw notFound({ group: '', resource }, wish.name);
    return { base: podBase(pod, wish), tls: UNVERIFIED };
  }
  const service = deps.lookup.service(namespace, wish.name);
  if (!service) throw notFound({ group: '', resource }, wish.name);
  return { base: serviceBase(service, { endpoints: deps.lookup.endpoints(namespace, wish.name), wish, pick: randomInt }), tls: UNVERIFIED };
}

/** Serves any of the three. */
export async function proxyRequest(exchange: Exchange, deps: StreamDeps): Promise<void> {
  const { method, path, info } = exchange;
  const search = exchange.query.size > 0 ? `?${exchange.query}` : '';
  if (info.rest === '' && (method === 'GET' || method === 'HEAD')) {
    // Relative links of what is behind need the slash.
    exchange.send(301, { location: `${path}/${search}` }, '');
    return;
  }
  const { base, tls } = backendOf(exchange, deps);
  const url = `${base}${info.rest === '' ? '/' : info.rest}${search}`;
  if (exchange.upgrade) {
    await tunnelUpgrade(exchange.upgrade, { url, method, tls, signal: exchange.signal });
    return;
  }
  const { authorization: _a, host: _h, cookie: _c, ...headers } = endToEnd(exchange.request.headers);
  const answer = await openRelay(exchange, { url, method, headers, tls, body: method === 'GET' || method === 'HEAD' ? 'none' : 'client' });
  const back = endToEnd(answer.headers);
  const location = answer.headers.location;
  // A redirect within the server behind stays within the proxy.
  if (location?.startsWith('/')) back['location'] = `${path.slice(0, path.length - info.rest.length)}${location}`;
  await sendBack(exchange, answer, back);
}
