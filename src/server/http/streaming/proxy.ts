// pods/proxy, services/proxy and nodes/proxy: any request sent on as it is, upgrades included, without what says who asks.
// Redirects and links of pages are led through the proxy's path.

import { randomInt } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream';
import { notFound } from '../../../api/status-error.ts';
import { tunnelUpgrade } from '../../../base/spdy/tunnel.ts';
import type { UpgradeTls } from '../../../base/spdy/upgrade.ts';
import type { Exchange } from '../exchange.ts';
import { dropIdentity, forwardedHeaders, requestHost } from './forwarded-headers.ts';
import { kubeletPort, kubeletUrl, nodeAddress } from './kubelet-access.ts';
import type { StreamDeps } from './pod-streams.ts';
import { LinkRewriter, type ProxiedPlace, proxiedUrl } from './proxied-links.ts';
import { backendBase, type ProxyName, parseProxyName, podBase, serviceBase } from './proxy-target.ts';
import { endToEnd, openRelay, type RelayedAnswer, sendBack } from './relay.ts';

/** A server behind: its base URL, and how to trust it. Pods and Services are not verified, as upstream. */
interface Backend {
  readonly base: string;
  readonly tls: UpgradeTls;
}

const UNVERIFIED: UpgradeTls = { rejectUnauthorized: false };

function nodeBackend(wish: ProxyName, deps: StreamDeps): Backend {
  const node = deps.lookup.node(wish.name);
  if (!node) throw notFound({ group: '', resource: 'nodes' }, wish.name);
  // The kubelet is where the node says it is, at 127.0.0.1 too; another port of the node is one like a pod's.
  if (wish.port !== '' && wish.port !== String(kubeletPort(node)))
    return { base: backendBase(wish.scheme, nodeAddress(node), wish.port), tls: UNVERIFIED };
  return { base: kubeletUrl(node, deps.kubelet), tls: deps.kubelet.tls(node) };
}

function backendOf(exchange: Exchange, deps: StreamDeps): Backend {
  const { resource, namespace, name } = exchange.info;
  const wish = parseProxyName(name);
  if (resource === 'nodes') return nodeBackend(wish, deps);
  if (resource === 'pods') {
    const pod = deps.lookup.pod(namespace, wish.name);
    if (!pod) throw notFound({ group: '', resource }, wish.name);
    return { base: podBase(pod, wish), tls: UNVERIFIED };
  }
  const service = deps.lookup.service(namespace, wish.name);
  if (!service) throw notFound({ group: '', resource }, wish.name);
  const endpoints = deps.lookup.endpoints(namespace, wish.name);
  const pod = (podName: string) => deps.lookup.pod(namespace, podName);
  return { base: serviceBase(service, { endpoints, wish, pick: randomInt, pod }), tls: UNVERIFIED };
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
    dropIdentity(exchange.upgrade.request.headers);
    await tunnelUpgrade(exchange.upgrade, { url, method, tls, signal: exchange.signal });
    return;
  }
  const headers = forwardedHeaders(exchange); // Cookies are among them: they are the backend's own.
  const answer = await openRelay(exchange, { url, method, headers, tls, body: method === 'GET' || method === 'HEAD' ? 'none' : 'client' });
  const prefix = path.slice(0, path.length - info.rest.length);
  await sendProxied(exchange, answer, { prefix, hosts: [new URL(base).host, base.slice(base.indexOf('//') + 2), requestHost(exchange)] });
}

/** What a server behind may not say for this one: who may read its answers from another page. */
const CORS_HEADERS = ['credentials', 'headers', 'methods', 'origin'].map((name) => `access-control-allow-${name}`);

async function sendProxied(exchange: Exchange, answer: IncomingMessage, place: ProxiedPlace): Promise<void> {
  const headers = endToEnd(answer.headers);
  for (const name of CORS_HEADERS) delete headers[name];
  const { location } = answer.headers;
  if (location !== undefined) headers['location'] = proxiedUrl(location, place);
  const page = location === undefined && exchange.method !== 'HEAD' ? await rewrittenPage(answer, headers, place) : undefined;
  await sendBack(exchange, page ?? answer, headers);
}

/** A page with its links led through the proxy; undefined for anything else, or in an encoding that is not known. Takes the length from `headers`. */
async function rewrittenPage(
  answer: IncomingMessage,
  headers: OutgoingHttpHeaders,
  place: ProxiedPlace,
): Promise<RelayedAnswer | undefined> {
  const [type = ''] = (answer.headers['content-type'] ?? '').split(';');
  const encoding = answer.headers['content-encoding'] ?? '';
  if (type.trim() !== 'text/html' || !['', 'gzip', 'deflate'].includes(encoding)) return undefined;
  delete headers['content-length'];
  const rewrite = (source: AsyncIterable<Buffer>) => rewriteLinks(source, new LinkRewriter(place));
  const { statusCode } = answer;
  const destroy = () => answer.destroy();
  if (encoding === '') {
    const body = rewrite(answer);
    return { statusCode, destroy, [Symbol.asyncIterator]: () => body };
  }
  const zlib = await import('node:zlib');
  const packed = encoding === 'gzip' ? zlib.createGzip() : zlib.createDeflate();
  // A failure of any of them ends the last, which is what is read.
  pipeline(answer, zlib.createUnzip(), rewrite, packed, () => {});
  return { statusCode, destroy, [Symbol.asyncIterator]: () => packed[Symbol.asyncIterator]() };
}

/** Bytes as characters of one byte each: every charset that has ASCII in it goes through unharmed. */
async function* rewriteLinks(source: AsyncIterable<Buffer>, rewriter: LinkRewriter): AsyncGenerator<Buffer> {
  for await (const chunk of source) yield Buffer.from(rewriter.push(chunk.toString('latin1')), 'latin1');
  yield Buffer.from(rewriter.end(), 'latin1');
}
