// From a service and its pods to the endpoints its slices are to hold: pure.

import type { KubeObject } from '../../api/object.ts';
import type { Node, Pod, Service } from '../../api/types/core-v1.gen.ts';
import type { Endpoint, EndpointPort } from '../../api/types/discovery-v1.gen.ts';
import type { ObjectMeta } from '../../api/types/meta-v1.gen.ts';
import { SERVICES } from '../../client/resources.ts';
import { controllerRef } from './controller-ref.ts';
import { type EndpointGroup, groupKey } from './endpoint-slice-plan.ts';
import { addressOf, familyOf, HEADLESS_LABEL, hostnameOf, isHeadless, isServing, podReference, targetPort } from './endpoints-rules.ts';
import { isPodReady } from './replica-set-pods.ts';

/** Label that names the service of a slice. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
/** Label that names who keeps a slice. */
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
/** Value of it for slices made from pods. */
export const MANAGED_BY_CONTROLLER = 'endpointslice-controller.k8s.io';

const ZONE_LABEL = 'topology.kubernetes.io/zone';
/** Labels of a service that its slices do not take over, since they mean something on slices. */
const RESERVED_LABELS: ReadonlySet<string> = new Set([SERVICE_NAME_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL]);

type ServiceObject = Service & KubeObject;
type PodObject = Pod & KubeObject;

/** What a service has behind it. */
export interface ServiceEndpoints {
  readonly groups: readonly EndpointGroup[];
  /** Pods left out because the informer does not show their node yet: look again. */
  readonly waiting: number;
}

/** Address types of a service's slices. */
export function addressTypes(service: ServiceObject): string[] {
  const families = service.spec?.ipFamilies ?? [];
  if (families.length > 0) return [...families];
  return [familyOf(isHeadless(service) ? '' : (service.spec?.clusterIP ?? ''))];
}

/** Groups the endpoints of `pods` (those the selector matches) by address type and by the ports their containers have. */
export function endpointGroups(
  service: ServiceObject,
  pods: readonly PodObject[],
  nodeOf: (name: string) => (Node & KubeObject) | undefined,
): ServiceEndpoints {
  const groups = new Map<string, { addressType: string; ports: EndpointPort[]; endpoints: Endpoint[] }>();
  let waiting = 0;
  for (const pod of pods.filter(isServing)) {
    const node = pod.spec?.nodeName ? nodeOf(pod.spec.nodeName) : undefined;
    if (pod.spec?.nodeName && !node && !service.spec?.publishNotReadyAddresses) {
      waiting++;
      continue;
    }
    const ports = portsOf(service, pod);
    for (const addressType of addressTypes(service)) {
      const address = addressOf(pod, addressType);
      if (address === undefined) continue;
      const key = groupKey(addressType, ports);
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(endpointOf(service, pod, { address, zone: node?.metadata.labels?.[ZONE_LABEL] }));
    }
  }
  return { groups: [...groups.values()], waiting };
}

function portsOf(service: ServiceObject, pod: PodObject): EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetPort(pod, port);
    if (number === undefined) return [];
    const appProtocol = port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol };
    return [{ name: port.name ?? '', protocol: port.protocol ?? 'TCP', port: number, ...appProtocol }];
  });
}

function endpointOf(service: ServiceObject, pod: PodObject, place: { address: string; zone: string | undefined }): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameOf(pod, service);
  return {
    addresses: [place.address],
    conditions: { ready, serving, terminating },
    ...(hostname !== undefined && { hostname }),
    targetRef: podReference(pod),
    ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
    ...(place.zone && { zone: place.zone }),
  };
}

/** Metadata of the slices of a service. */
export function sliceMetadata(service: ServiceObject): ObjectMeta {
  const own = Object.entries(service.metadata.labels ?? {}).filter(([name]) => !RESERVED_LABELS.has(name));
  const name = service.metadata.name ?? '';
  return {
    generateName: `${name}-`,
    namespace: service.metadata.namespace ?? '',
    labels: {
      ...Object.fromEntries(own),
      [SERVICE_NAME_LABEL]: name,
      [MANAGED_BY_LABEL]: MANAGED_BY_CONTROLLER,
      ...(isHeadless(service) && { [HEADLESS_LABEL]: '' }),
    },
    ownerReferences: [controllerRef(service, SERVICES)],
  };
}
