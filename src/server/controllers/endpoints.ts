// Keeps the Endpoints of services with a selector, for clients that do not read EndpointSlices yet.

import { deepEqual } from '../../api/copy.ts';
import { labelMapMatcher } from '../../api/labels.ts';
import { type KubeObject, keyOf, nameOf } from '../../api/object.ts';
import { isAlreadyExists, isNotFound } from '../../api/status-error.ts';
import type { Endpoints, Pod, Service } from '../../api/types/core-v1.gen.ts';
import type { ObjectMeta } from '../../api/types/meta-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import type { ReconcileResult } from '../../client/reconciler.ts';
import { ENDPOINTS, PODS, SERVICES } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { planSubsets, truncateSubsets } from './endpoints-plan.ts';
import { HEADLESS_LABEL, hasManagedEndpoints, isHeadless, servicesTouched } from './endpoints-rules.ts';
import { isNamespaceGone } from './service-account.ts';
import { WrittenVersions } from './written-versions.ts';

const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
/** Endpoints that old leader elections keep have this annotation: they are nobody's leftovers. */
export const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';
/** Wait for the informer to show what was written. */
const RETRY_MS = 100;

type EndpointsObject = Endpoints & KubeObject;
type ServiceObject = Service & KubeObject;

/** The controller. Its keys are services. */
export function endpointsController(deps: ControllerDeps): Component {
  const written = new WrittenVersions(deps.clock);
  const setup = () => {
    const services = deps.informers.informer(SERVICES);
    const pods = deps.informers.informer(PODS);
    const endpoints = deps.informers.informer(ENDPOINTS);
    const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult | undefined> => {
      const service = services.lister.get(key);
      if (!written.isVisible(key, endpoints.lister)) return { requeueAfterMs: RETRY_MS };
      const current = endpoints.lister.get(key);
      if (!service) {
        if (current) await removeLeftover(deps, current, signal);
        return undefined;
      }
      if (!hasManagedEndpoints(service)) return undefined;
      const { matches } = labelMapMatcher(service.spec?.selector);
      const behind = pods.lister.list(service.metadata.namespace).filter((pod) => matches(pod.metadata.labels));
      const result = await write(deps, { current, wanted: desired(service, current, behind) }, signal);
      if (result) written.wrote(key, result);
      return undefined;
    };
    const touched = source(pods, (change) => servicesTouched(services.lister, change));
    // Endpoints that somebody made without a Service are theirs; they go only with a Service of their name.
    const own = source(endpoints, (change) => {
      written.saw(change);
      const key = keyOf(change.object);
      return isOurs(change.object) || services.lister.get(key) ? [key] : [];
    });
    return { sources: [source(services), touched, own], reconcile };
  };
  return new ControllerLoop({ name: 'endpoints', setup }, deps);
}

const isOurs = (endpoints: EndpointsObject): boolean => endpoints.metadata.labels?.[MANAGED_BY] === 'endpoint-controller';

/** The Endpoints a service with a selector should have; annotations and owners of `current` are kept. */
function desired(service: ServiceObject, current: EndpointsObject | undefined, pods: readonly (Pod & KubeObject)[]): EndpointsObject {
  const { subsets, overCapacity } = truncateSubsets(planSubsets(service, pods));
  const { [HEADLESS_LABEL]: _, ...labels } = service.metadata.labels ?? {};
  const { [OVER_CAPACITY]: __, ...annotations } = current?.metadata.annotations ?? {};
  if (overCapacity) annotations[OVER_CAPACITY] = 'truncated';
  const { name = '', namespace = '' } = service.metadata;
  const { annotations: ___, ...kept } = current?.metadata ?? {};
  const metadata: ObjectMeta = {
    ...kept,
    name,
    namespace,
    labels: { ...labels, ...(isHeadless(service) && { [HEADLESS_LABEL]: '' }), [MANAGED_BY]: 'endpoint-controller' },
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  return { ...current, metadata, subsets };
}

/** Writes when something differs; resolves to what the API answered. */
async function write(
  deps: ControllerDeps,
  { current, wanted }: { current: EndpointsObject | undefined; wanted: EndpointsObject },
  signal: AbortSignal,
): Promise<EndpointsObject | undefined> {
  if (current && deepEqual(current.metadata, wanted.metadata) && deepEqual(current.subsets ?? [], wanted.subsets)) return undefined;
  try {
    if (current) return await deps.client.update(ENDPOINTS, wanted, { signal });
    return await deps.client.create(ENDPOINTS, wanted, { signal });
  } catch (error) {
    // Made or removed meanwhile: the informer brings the key again. In a namespace that goes, nothing is left to do.
    if (isAlreadyExists(error) || isNotFound(error) || isNamespaceGone(error)) return undefined;
    throw error;
  }
}

async function removeLeftover(deps: ControllerDeps, endpoints: EndpointsObject, signal: AbortSignal): Promise<void> {
  if (endpoints.metadata.annotations?.[LEADER_ANNOTATION] !== undefined) return;
  const { uid } = endpoints.metadata;
  const options = { ...(uid && { preconditions: { uid } }), signal };
  await deps.client.delete(ENDPOINTS, nameOf(keyOf(endpoints)), options).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}
