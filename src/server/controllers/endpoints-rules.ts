// Which pods stand behind a service, and with what: rules that Endpoints and EndpointSlices share. Kubernetes documentation,
// "Service" and "EndpointSlices".

import { labelMapMatcher } from '../../api/labels.ts';
import { type KubeObject, keyOf } from '../../api/object.ts';
import type { ObjectReference, Pod, Service, ServicePort } from '../../api/types/core-v1.gen.ts';
import type { Change, Lister } from '../../client/informer.ts';
import { isPodReady } from './replica-set-pods.ts';

type PodObject = Pod & KubeObject;
type ServiceObject = Service & KubeObject;

/** Label of Endpoints and EndpointSlices of services without a cluster IP. */
export const HEADLESS_LABEL = 'service.kubernetes.io/headless';

/** Whether the controllers make endpoints for the service: others (no selector, ExternalName) are their owner's business. */
export function hasManagedEndpoints(service: ServiceObject): boolean {
  return service.spec?.selector !== undefined && service.spec.type !== 'ExternalName' && Object.keys(service.spec.selector).length > 0;
}

/** Whether the service has no cluster IP. */
export function isHeadless(service: ServiceObject): boolean {
  const ip = service.spec?.clusterIP ?? '';
  return ip === '' || ip === 'None';
}

/** Addresses of a pod, of both families. */
function podAddresses(pod: PodObject): string[] {
  const addresses = pod.status?.podIPs?.flatMap(({ ip }) => (ip ? [ip] : [])) ?? [];
  return addresses.length > 0 ? addresses : pod.status?.podIP ? [pod.status.podIP] : [];
}

/** The pod's address of a family. */
export function addressOf(pod: PodObject, family: string): string | undefined {
  return podAddresses(pod).find((ip) => familyOf(ip) === family);
}

/** `IPv4` or `IPv6`. */
export function familyOf(ip: string): 'IPv4' | 'IPv6' {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}

/** Whether the pod may stand behind a service at all: it has an address and is not over. */
export function isServing(pod: PodObject): boolean {
  const phase = pod.status?.phase;
  return phase !== 'Failed' && phase !== 'Succeeded' && podAddresses(pod).length > 0;
}

/** The container port a service port leads to; `undefined` when the pod has none of that name. */
export function targetPort(pod: PodObject, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target === 0 ? port.port : target;
  const sidecars = pod.spec?.initContainers?.filter((c) => c.restartPolicy === 'Always') ?? [];
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    const found = container.ports?.find((p) => p.name === target && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'));
    if (found) return found.containerPort;
  }
  return undefined;
}

/** The host name an endpoint has: only when the pod asks for a name below this service. */
export function hostnameOf(pod: PodObject, service: ServiceObject): string | undefined {
  const { hostname, subdomain } = pod.spec ?? {};
  return hostname && subdomain === service.metadata.name ? hostname : undefined;
}

/** The reference to a pod that endpoints carry. */
export function podReference(pod: PodObject): ObjectReference {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  return { kind: 'Pod', namespace, name, uid };
}

/** Keys of the services whose endpoints a change of a pod touches. */
export function servicesTouched(services: Pick<Lister<ServiceObject>, 'list'>, change: Change<PodObject>): string[] {
  const { object, old } = change;
  if (change.type === 'modified' && old && !matters(old, object)) return [];
  return services.list(object.metadata.namespace ?? '').flatMap((service) => {
    if (!hasManagedEndpoints(service)) return [];
    const { matches } = labelMapMatcher(service.spec?.selector);
    const touched = matches(object.metadata.labels) || (old !== undefined && matches(old.metadata.labels));
    return touched ? [keyOf(service)] : [];
  });
}

/** Whether a pod's change can change an endpoint: most status updates cannot. */
function matters(old: PodObject, pod: PodObject): boolean {
  return picture(old) !== picture(pod);
}

function picture(pod: PodObject): string {
  const { labels, deletionTimestamp } = pod.metadata;
  const { nodeName, hostname, subdomain } = pod.spec ?? {};
  return JSON.stringify([labels, deletionTimestamp, nodeName, hostname, subdomain, isPodReady(pod), isServing(pod), podAddresses(pod)]);
}
