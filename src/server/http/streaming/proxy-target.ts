// Where pods/proxy, services/proxy and nodes/proxy lead: names of the form `[scheme:]name[:port]`, resolved purely.

import { badRequest, serviceUnavailable } from '../../../api/status-error.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';

/** A parsed name. */
export interface ProxyName {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  /** Port number or name; `''` = the usual one. */
  readonly port: string;
}

/** Parses `web`, `web:80`, `https:web:` … @throws StatusError BadRequest */
export function parseProxyName(text: string): ProxyName {
  const parts = text.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 1) return { scheme: 'http', name: first, port: '' };
  if (parts.length === 2) return { scheme: 'http', name: first, port: second };
  if (parts.length === 3 && (first === 'http' || first === 'https' || first === '')) {
    return { scheme: first === 'https' ? 'https' : 'http', name: second, port: third };
  }
  throw badRequest(`invalid pod request "${text}"`);
}

const authority = (address: string, port: number | string): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

/** Base URL of a pod's port. @throws StatusError BadRequest when the pod has no address */
export function podBase(pod: core.Pod, wish: ProxyName): string {
  const address = pod.status?.podIP;
  if (!address) throw badRequest('address not allowed');
  const usual = (pod.spec.containers ?? []).flatMap((container) => container.ports ?? [])[0]?.containerPort ?? 80;
  return `${wish.scheme}://${authority(address, wish.port === '' ? usual : wish.port)}`;
}

/** Base URL of one of a Service's endpoints; `pick` chooses among n. @throws StatusError ServiceUnavailable when there is none */
export function serviceBase(
  service: core.Service,
  way: { endpoints: core.Endpoints | undefined; wish: ProxyName; pick: (n: number) => number },
): string {
  const { endpoints, wish, pick } = way;
  const name = service.metadata.name ?? '';
  const ports = service.spec?.ports ?? [];
  const wished =
    wish.port === '' && ports.length === 1 ? ports[0] : ports.find((port) => port.name === wish.port || String(port.port) === wish.port);
  if (!wished && /^\d+$/.test(wish.port)) throw serviceUnavailable(`no service port ${wish.port} found for service "${name}"`);
  const portName = wished ? (wished.name ?? '') : wish.port;
  const candidates = (endpoints?.subsets ?? []).flatMap((subset) => {
    const port = subset.ports?.find((item) => (item.name ?? '') === portName);
    return port ? (subset.addresses ?? []).map((address) => authority(address.ip, port.port)) : [];
  });
  const found = candidates[candidates.length > 0 ? pick(candidates.length) : 0];
  if (found === undefined) {
    throw serviceUnavailable(
      endpoints
        ? `no endpoints available for service "${name}${wish.port === '' ? '' : `:${wish.port}`}"`
        : `no endpoints available for service "${name}"`,
    );
  }
  return `${wish.scheme}://${found}`;
}
