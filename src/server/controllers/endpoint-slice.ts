// Keeps the EndpointSlices of services with a selector: the pods behind them, ready or not.

import { labelMapMatcher } from '../../api/labels.ts';
import type { KubeObject } from '../../api/object.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { EndpointSlice } from '../../api/types/discovery-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import type { Client } from '../../client/client.ts';
import { ControllerLoop, noKeys, source } from '../../client/controller-loop.ts';
import type { Change } from '../../client/informer.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { ENDPOINT_SLICES, NODES, PODS, SERVICES } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import {
  addressTypes,
  endpointGroups,
  MANAGED_BY_CONTROLLER,
  MANAGED_BY_LABEL,
  SERVICE_NAME_LABEL,
  sliceMetadata,
} from './endpoint-slice-groups.ts';
import { planSlices, type SlicePlan } from './endpoint-slice-plan.ts';
import { hasManagedEndpoints, servicesTouched } from './endpoints-rules.ts';
import { isNamespaceGone } from './service-account.ts';
import { WrittenVersions } from './written-versions.ts';

/** Wait for the informer to show what was written, or a pod's node. */
const RETRY_MS = 100;

type Slice = EndpointSlice & KubeObject;

/** The controller. Its keys are services. */
export function endpointSliceController(deps: ControllerDeps): Component {
  const written = new WrittenVersions(deps.clock);
  const setup = () => {
    const services = deps.informers.informer(SERVICES);
    const pods = deps.informers.informer(PODS);
    const nodes = deps.informers.informer(NODES);
    const slices = deps.informers.informer(ENDPOINT_SLICES, { indexers: slicesByService });
    const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> => {
      const service = services.lister.get(key);
      // The slices of a service that is gone go with it: it owns them.
      if (!service || !hasManagedEndpoints(service) || service.metadata.deletionTimestamp) return undefined;
      if (!written.isVisible(key, slices.lister)) return { requeueAfterMs: RETRY_MS };
      const { matches } = labelMapMatcher(service.spec?.selector);
      const behind = pods.lister.list(service.metadata.namespace).filter((pod) => matches(pod.metadata.labels));
      const { groups, waiting } = endpointGroups(service, behind, (name) => nodes.lister.get(name));
      const desired = { groups, placeholders: addressTypes(service), metadata: sliceMetadata(service) };
      const existing = slices.lister.byIndex('service', indexValue(MANAGED_BY_CONTROLLER, key));
      await applySlices(deps.client, planSlices(desired, existing), { key, written, signal });
      return waiting > 0 ? { requeueAfterMs: 10 * RETRY_MS } : undefined;
    };
    const sources = [
      source(services),
      source(pods, (change) => servicesTouched(services.lister, change)),
      source(nodes, noKeys),
      source(slices, (change) => {
        written.saw(change);
        return keysOfSlice(change, MANAGED_BY_CONTROLLER);
      }),
    ];
    return { sources, reconcile };
  };
  return new ControllerLoop({ name: 'endpointslice', setup }, deps);
}

/** Index `service` of slices; see `indexValue`. */
export const slicesByService = {
  service: ({ metadata }: Slice): readonly string[] => {
    const { [SERVICE_NAME_LABEL]: name, [MANAGED_BY_LABEL]: manager } = metadata.labels ?? {};
    return name && manager ? [indexValue(manager, `${metadata.namespace}/${name}`)] : [];
  },
};

/** Value of the index `service` for the slices that `manager` keeps for the service `key`. */
export const indexValue = (manager: string, key: string): string => `${manager} ${key}`;

/** The service of a slice that `manager` keeps. */
export function keysOfSlice({ object, old }: Change<Slice>, manager: string): string[] {
  const prefix = `${manager} `;
  const values = [...slicesByService.service(object), ...(old ? slicesByService.service(old) : [])];
  return [...new Set(values)].flatMap((value) => (value.startsWith(prefix) ? [value.slice(prefix.length)] : []));
}

/** Carries the plan out: first what makes endpoints appear, then what makes them vanish. */
export async function applySlices(
  client: Client,
  plan: SlicePlan,
  { key, written, signal }: { key: string; written: WrittenVersions; signal: AbortSignal },
): Promise<void> {
  for (const slice of plan.create) {
    try {
      written.wrote(key, await client.create(ENDPOINT_SLICES, slice, { signal }));
    } catch (error) {
      if (isNamespaceGone(error)) return; // Nothing is left to do.
      throw error;
    }
  }
  for (const slice of plan.update) written.wrote(key, await client.update(ENDPOINT_SLICES, slice, { signal }));
  for (const slice of plan.delete) {
    const { namespace = '', name = '' } = slice.metadata;
    await client.delete(ENDPOINT_SLICES, { namespace, name }, { signal }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    written.deleted(key, slice);
  }
}
