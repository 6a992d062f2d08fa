// From a service and its pods to the subsets of its Endpoints: pure. Kubernetes documentation, "Service", Endpoints
// (deprecated in favour of EndpointSlices, still kept for who reads them).

import type { KubeObject } from '../../api/object.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset, Pod, Service } from '../../api/types/core-v1.gen.ts';
import { addressOf, familyOf, hostnameOf, isHeadless, isServing, podReference, targetPort } from './endpoints-rules.ts';
import { isPodReady } from './replica-set-pods.ts';

/** Addresses an Endpoints object holds; more are cut off: documented limit. */
const MAX_ADDRESSES = 1000;

type PodObject = Pod & KubeObject;
type ServiceObject = Service & KubeObject;

interface Placed {
  readonly address: EndpointAddress;
  readonly ready: boolean;
}

/** Subsets for the pods that the service's selector matches: addresses in order, ports with the same addresses together. */
export function planSubsets(service: ServiceObject, pods: readonly PodObject[]): EndpointSubset[] {
  const byPort = new Map<string, { port: EndpointPort | undefined; addresses: Map<string, Placed> }>();
  for (const pod of pods) {
    const placed = placedPod(service, pod);
    if (!placed) continue;
    for (const port of portsOf(service, pod)) {
      const key = JSON.stringify(port ?? null);
      const entry = byPort.get(key) ?? { port, addresses: new Map<string, Placed>() };
      byPort.set(key, entry);
      const before = entry.addresses.get(addressKey(placed.address));
      // An address that is ready for one pod and not for another counts as ready.
      if (!before?.ready) entry.addresses.set(addressKey(placed.address), placed);
    }
  }
  return joinPorts([...byPort.values()]);
}

/** The pod's address and whether it takes traffic; `undefined` when it is not to be listed. */
function placedPod(service: ServiceObject, pod: PodObject): Placed | undefined {
  const published = service.spec?.publishNotReadyAddresses === true;
  if (!isServing(pod) || (pod.metadata.deletionTimestamp && !published)) return undefined;
  const family = service.spec?.ipFamilies?.[0] ?? familyOf(isHeadless(service) ? '' : (service.spec?.clusterIP ?? ''));
  const ip = addressOf(pod, family);
  if (ip === undefined) return undefined;
  const hostname = hostnameOf(pod, service);
  const address = {
    ip,
    ...(hostname !== undefined && { hostname }),
    ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: podReference(pod),
  };
  return { address, ready: published || isPodReady(pod) };
}

/** The ports of a pod under the service; a headless service without ports has one subset without ports. */
function portsOf(service: ServiceObject, pod: PodObject): (EndpointPort | undefined)[] {
  const ports = service.spec?.ports ?? [];
  if (ports.length === 0) return isHeadless(service) ? [undefined] : [];
  return ports.flatMap((port) => {
    const number = targetPort(pod, port);
    if (number === undefined) return [];
    const { name, protocol = 'TCP', appProtocol } = port;
    return [{ ...(name && { name }), port: number, protocol, ...(appProtocol !== undefined && { appProtocol }) }];
  });
}

/** Ports with the same addresses in the same state become one subset. */
function joinPorts(entries: readonly { port: EndpointPort | undefined; addresses: ReadonlyMap<string, Placed> }[]): EndpointSubset[] {
  const subsets = new Map<string, { placed: Placed[]; ports: EndpointPort[] }>();
  for (const { port, addresses } of entries) {
    const placed = [...addresses.values()].sort((a, b) => compare(addressKey(a.address), addressKey(b.address)));
    const key = JSON.stringify(placed.map((p) => [addressKey(p.address), p.ready]));
    const subset = subsets.get(key) ?? { placed, ports: [] };
    subsets.set(key, subset);
    if (port) subset.ports.push(port);
  }
  return [...subsets.values()].map(subsetOf).sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
}

function subsetOf({ placed, ports }: { placed: readonly Placed[]; ports: readonly EndpointPort[] }): EndpointSubset {
  const ready = placed.filter((p) => p.ready).map((p) => p.address);
  const notReady = placed.filter((p) => !p.ready).map((p) => p.address);
  const sorted = ports.toSorted((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
  return {
    ...(ready.length > 0 && { addresses: ready }),
    ...(notReady.length > 0 && { notReadyAddresses: notReady }),
    ...(sorted.length > 0 && { ports: sorted }),
  };
}

const addressKey = ({ ip, targetRef }: EndpointAddress): string => `${ip} ${targetRef?.uid ?? ''}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Cuts to 1000 addresses, ready ones first, each subset in proportion to its share. `overCapacity` says whether anything was cut.
 */
export function truncateSubsets(subsets: readonly EndpointSubset[]): { subsets: EndpointSubset[]; overCapacity: boolean } {
  const ready = sum(subsets.map((s) => s.addresses?.length ?? 0));
  const notReady = sum(subsets.map((s) => s.notReadyAddresses?.length ?? 0));
  if (ready + notReady <= MAX_ADDRESSES) return { subsets: [...subsets], overCapacity: false };
  const cutReady = ready > MAX_ADDRESSES;
  const room = cutReady ? MAX_ADDRESSES : MAX_ADDRESSES - ready;
  let left = room;
  const cut = subsets.map((subset) => {
    const addresses = (cutReady ? subset.addresses : subset.notReadyAddresses) ?? [];
    const share = Math.min(left, Math.ceil((addresses.length / (cutReady ? ready : notReady)) * room));
    left -= share;
    const { addresses: _, notReadyAddresses: __, ...rest } = subset;
    const kept = addresses.slice(0, share);
    if (cutReady) return { ...rest, ...(kept.length > 0 && { addresses: kept }) };
    return { ...rest, ...(subset.addresses && { addresses: subset.addresses }), ...(kept.length > 0 && { notReadyAddresses: kept }) };
  });
  return { subsets: cut.filter((s) => s.addresses !== undefined || s.notReadyAddresses !== undefined), overCapacity: true };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
