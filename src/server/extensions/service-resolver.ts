// Where a connection to a Service leads when the API server itself makes it: to one of the Service's ready endpoints, without the
// detour over its cluster address. For webhooks and aggregated API servers. Rules: "EndpointSlices", conditions.

import { randomInt } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { notFound, serviceUnavailable } from '../../api/status-error.ts';
import type { Service } from '../../api/types/core-v1.gen.ts';
import type { Endpoint, EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import { ENDPOINT_SLICES, SERVICES } from '../../client/resources.ts';
import type { AdmissionReader } from '../admission/admission-reader.ts';

/** A port of a Service. */
export interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  /** Number of the Service's port. */
  readonly port: number;
}

/** Where to connect. */
export interface ServiceEndpoint {
  /** An address, or the name of an ExternalName Service. */
  readonly host: string;
  readonly port: number;
}

/** Finds endpoints of Services in their newest state. */
export interface ServiceResolver {
  /** One of the endpoints, each call another one. @throws StatusError NotFound, ServiceUnavailable */
  resolve(target: ServicePort): ServiceEndpoint;
}

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** A resolver over what `reader` knows. */
export function serviceResolver(reader: AdmissionReader): ServiceResolver {
  return {
    resolve(target) {
      const { namespace, name } = target;
      const service = reader.get(SERVICES, { namespace, name });
      if (!service) throw notFound({ group: '', resource: 'services' }, name);
      const slices = reader.list(ENDPOINT_SLICES, namespace).filter((slice) => slice.metadata.labels?.[SERVICE_NAME_LABEL] === name);
      return chooseEndpoint(target, service, { slices, pick: randomInt });
    },
  };
}

/**
 * The endpoint to use: a ready one or, while all of them terminate, one that still serves. `pick` chooses among n.
 * @throws StatusError ServiceUnavailable when the Service has no such port or nothing is behind it
 */
export function chooseEndpoint(
  target: ServicePort,
  service: Service,
  way: { slices: readonly EndpointSlice[]; pick: (n: number) => number },
): ServiceEndpoint {
  const { name, port } = target;
  if (service.spec?.type === 'ExternalName') return { host: service.spec.externalName ?? '', port };
  const wished = service.spec?.ports?.find((item) => item.port === port);
  if (!wished) throw serviceUnavailable(`no service port ${port} found for service ${JSON.stringify(name)}`);
  const portName = wished.name ?? '';
  const ready = endpointsOf(way.slices, portName, ({ conditions }) => conditions?.ready ?? true);
  const usable = ready.length > 0 ? ready : endpointsOf(way.slices, portName, ({ conditions }) => conditions?.serving ?? false);
  const found = usable[usable.length > 1 ? way.pick(usable.length) : 0];
  if (!found) throw serviceUnavailable(`no endpoints available for service ${JSON.stringify(name)}`);
  return found;
}

function endpointsOf(slices: readonly EndpointSlice[], portName: string, usable: (endpoint: Endpoint) => boolean): ServiceEndpoint[] {
  return slices.flatMap((slice) => {
    const port = slice.ports?.find((item) => (item.name ?? '') === portName)?.port;
    if (port === undefined || slice.addressType === 'FQDN') return [];
    // The addresses of one endpoint are interchangeable: the first stands for it.
    return (slice.endpoints ?? []).filter(usable).flatMap(({ addresses: [host] }) => (host === undefined ? [] : [{ host, port }]));
  });
}

/** `host:port` as it stands in URLs and messages. */
export function hostPort({ host, port }: ServiceEndpoint): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
