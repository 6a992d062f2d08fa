// Whether an extension API server can be reached at all, judged by its Service and EndpointSlices alone. Pure. Reasons and messages are
// those of upstream's remote availability controller.

import type { Availability } from '../../../api/api-services.ts';
import type { Service } from '../../../api/types/core-v1.gen.ts';
import type { EndpointSlice } from '../../../api/types/discovery-v1.gen.ts';
import type { ServicePort } from '../service-resolver.ts';

/** The condition when every check has passed. */
export const PASSED: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' };

/** The condition when no request for the discovery document succeeded; `message` says what the last one ran into. */
export function failedDiscovery(message: string): Availability {
  return { status: 'False', reason: 'FailedDiscoveryCheck', message };
}

/** What keeps requests from getting there; undefined = nothing that can be seen from here: ask the server. */
export function serviceFault(
  target: ServicePort,
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): Availability | undefined {
  const where = `service/${target.name} in ${JSON.stringify(target.namespace)}`;
  const fault = (reason: string, message: string): Availability => ({ status: 'False', reason, message });
  if (!service) return fault('ServiceNotFound', `${where} is not present`);
  if ((service.spec?.type ?? 'ClusterIP') !== 'ClusterIP') return undefined;
  const port = service.spec?.ports?.find((item) => item.port === target.port);
  if (!port) return fault('ServicePortError', `${where} is not listening on port ${target.port}`);
  if (slices.length === 0) return fault('EndpointsNotFound', `cannot find endpointslices for ${where}`);
  const portName = port.name ?? '';
  if (slices.some((slice) => isServing(slice, portName))) return undefined;
  return fault('MissingEndpoints', `endpointslices for ${where} have no addresses with port name ${JSON.stringify(portName)}`);
}

function isServing({ endpoints, ports }: EndpointSlice, portName: string): boolean {
  const hasPort = (ports ?? []).some((port) => (port.name ?? '') === portName && port.port !== undefined);
  return hasPort && (endpoints ?? []).some(({ conditions }) => conditions?.ready ?? true);
}

/** Failures in a row → when to look again: quickly at first, since it may be starting. Milliseconds. */
export function retryAfter(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, MOST_DOUBLINGS), RECHECK_MS);
}

/** An available server is looked at again after this, and one that fails no less often; as upstream. */
export const RECHECK_MS = 30_000;
const FIRST_RETRY_MS = 500;
const MOST_DOUBLINGS = 10;
