// Mirrors Endpoints that users keep themselves (services without a selector) into EndpointSlices, since that is all that
// proxies and DNS read. Kubernetes documentation, "EndpointSlices", mirroring.

import type { KubeObject } from '../../api/object.ts';
import type { EndpointAddress, EndpointSubset, Endpoints, Service } from '../../api/types/core-v1.gen.ts';
import type { Endpoint, EndpointPort } from '../../api/types/discovery-v1.gen.ts';
import type { ObjectMeta } from '../../api/types/meta-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { ENDPOINT_SLICES, ENDPOINTS, SERVICES } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { controllerRef } from './controller-ref.ts';
import { applySlices, indexValue, keysOfSlice, slicesByService } from './endpoint-slice.ts';
import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from './endpoint-slice-groups.ts';
import { type DesiredSlices, groupKey, planSlices } from './endpoint-slice-plan.ts';
import { LEADER_ANNOTATION } from './endpoints.ts';
import { familyOf } from './endpoints-rules.ts';
import { WrittenVersions } from './written-versions.ts';

const MANAGED_BY_MIRRORING = 'endpointslicemirroring-controller.k8s.io';
const SKIP_MIRROR_LABEL = 'endpointslice.kubernetes.io/skip-mirror';
/** Annotations that say something of the Endpoints object only. */
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'endpoints.kubernetes.io/last-change-trigger-time',
]);
/** Addresses of a subset that are mirrored: upstream's --mirroring-max-endpoints-per-subset. */
const MAX_PER_SUBSET = 1000;
/** Wait for the informer to show what was written. */
const RETRY_MS = 100;

type EndpointsObject = Endpoints & KubeObject;

/** The controller. Its keys are Endpoints. */
export function endpointSliceMirroringController(deps: ControllerDeps): Component {
  const written = new WrittenVersions(deps.clock);
  const setup = () => {
    const services = deps.informers.informer(SERVICES);
    const endpoints = deps.informers.informer(ENDPOINTS);
    const slices = deps.informers.informer(ENDPOINT_SLICES, { indexers: slicesByService });
    const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> => {
      if (!written.isVisible(key, slices.lister)) return { requeueAfterMs: RETRY_MS };
      const original = endpoints.lister.get(key);
      const mirrored = original && shouldMirror(original, services.lister.get(key));
      const desired: DesiredSlices = mirrored ? mirror(original) : { groups: [], placeholders: [], metadata: {} };
      const existing = slices.lister.byIndex('service', indexValue(MANAGED_BY_MIRRORING, key));
      await applySlices(deps.client, planSlices(desired, existing), { key, written, signal });
      return undefined;
    };
    const mirrors = source(slices, (change) => {
      written.saw(change);
      return keysOfSlice(change, MANAGED_BY_MIRRORING);
    });
    return { sources: [source(endpoints), source(services), mirrors], reconcile };
  };
  return new ControllerLoop({ name: 'endpointslicemirroring', setup }, deps);
}

/** Whether slices are made of the Endpoints: there is a service of that name, and it is without a selector. */
export function shouldMirror({ metadata }: EndpointsObject, service: (Service & KubeObject) | undefined): boolean {
  if (!service || service.spec?.selector !== undefined || metadata.deletionTimestamp) return false;
  return metadata.labels?.[SKIP_MIRROR_LABEL] !== 'true' && metadata.annotations?.[LEADER_ANNOTATION] === undefined;
}

/** The slices that stand for the Endpoints. */
export function mirror(endpoints: EndpointsObject): DesiredSlices {
  const groups = new Map<string, { addressType: string; ports: EndpointPort[]; endpoints: Endpoint[] }>();
  for (const subset of endpoints.subsets ?? []) {
    for (const { address, ready } of addressesOf(subset)) {
      const addressType = familyOf(address.ip);
      const ports = (subset.ports ?? []).map(({ name = '', ...port }) => ({ name, ...port }));
      const key = groupKey(addressType, ports);
      const group = groups.get(key) ?? { addressType, ports, endpoints: [] };
      groups.set(key, group);
      group.endpoints.push(mirrorAddress(address, ready));
    }
  }
  return { groups: [...groups.values()], placeholders: [], metadata: mirrorMetadata(endpoints) };
}

function addressesOf({ addresses = [], notReadyAddresses = [] }: EndpointSubset): { address: EndpointAddress; ready: boolean }[] {
  const all = [
    ...addresses.map((address) => ({ address, ready: true })),
    ...notReadyAddresses.map((address) => ({ address, ready: false })),
  ];
  return all.slice(0, MAX_PER_SUBSET);
}

function mirrorAddress({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname && { hostname }),
    ...(targetRef && { targetRef }),
    ...(nodeName && { nodeName }),
  };
}

function mirrorMetadata(endpoints: EndpointsObject): ObjectMeta {
  const { name = '', namespace = '', labels, annotations = {} } = endpoints.metadata;
  const mirrored = Object.entries(annotations).filter(([key]) => !OWN_ANNOTATIONS.has(key));
  return {
    generateName: `${name}-`,
    namespace,
    labels: { ...labels, [SERVICE_NAME_LABEL]: name, [MANAGED_BY_LABEL]: MANAGED_BY_MIRRORING },
    ...(mirrored.length > 0 && { annotations: Object.fromEntries(mirrored) }),
    ownerReferences: [controllerRef(endpoints, ENDPOINTS)],
  };
}
