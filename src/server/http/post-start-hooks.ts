// What a cluster always has, created when the server starts: a list of hooks run in order; the server is ready after the last.
// A hook makes what is missing and leaves alone what is there, so it may run at every start.

import type { KubeObject } from '../../api/object.ts';
import type { GroupVersionResource } from '../../api/resources.ts';
import { isAlreadyExists, isNotFound } from '../../api/status-error.ts';
import { semanticEqual } from '../../api/validation/semantic-equal.ts';
import type { Logger } from '../../base/log.ts';
import type { ApiBackend, ApiCall, Verb } from '../../client/api-backend.ts';
import { LOOPBACK_USER } from '../auth/auth.ts';
import { kubernetesService } from './kubernetes-service.ts';

/** What a hook works with. */
export interface HookContext {
  readonly backend: ApiBackend;
  readonly options: { readonly serviceCidrs: readonly string[]; readonly advertiseAddress: string };
  /** The port that is served. */
  readonly port: number;
  readonly log: Logger;
}

/** One hook. */
export interface BootstrapHook {
  /** As /readyz?verbose lists it after `poststarthook/`. */
  readonly name: string;
  run(context: HookContext): Promise<void>;
}

/** A call of the server itself. */
const loopbackCall = (verb: Verb, resource: GroupVersionResource, place: { namespace?: string; name?: string }): ApiCall => ({
  verb,
  resource,
  subresource: '',
  namespace: place.namespace ?? '',
  name: place.name ?? '',
  user: LOOPBACK_USER,
  userAgent: 'kube-apiserver',
  options: {},
});

async function find(backend: ApiBackend, resource: GroupVersionResource, { metadata }: KubeObject): Promise<KubeObject | undefined> {
  const { namespace = '', name = '' } = metadata;
  try {
    // A get of one name answers with one object.
    return (await backend.call(loopbackCall('get', resource, { namespace, name }))) as KubeObject;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Creates an object unless it is there. */
export async function ensure(backend: ApiBackend, resource: GroupVersionResource, object: KubeObject): Promise<void> {
  if (await find(backend, resource, object)) return;
  try {
    const { namespace = '' } = object.metadata;
    await backend.call({ ...loopbackCall('create', resource, { namespace }), body: object });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

/** Makes an object be as given, whatever was there. What is so already is not written: a restart must not depend on webhooks. */
export async function enforce(backend: ApiBackend, resource: GroupVersionResource, object: KubeObject): Promise<void> {
  const { namespace = '', name = '' } = object.metadata;
  await ensure(backend, resource, object);
  const found = await find(backend, resource, object);
  if (found && saysAll(found, object)) return;
  await backend.call({ ...loopbackCall('update', resource, { namespace, name }), body: object });
}

/** Whether an object is as wished, beside metadata that the wish does not name. */
function saysAll({ metadata, ...found }: KubeObject, { metadata: wishedMetadata, ...wished }: KubeObject): boolean {
  const labels = Object.entries(wishedMetadata.labels ?? {});
  return labels.every(([key, value]) => metadata.labels?.[key] === value) && semanticEqual(found, wished);
}

const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

const systemNamespaces: BootstrapHook = {
  name: 'start-system-namespaces-controller',
  async run({ backend }) {
    for (const name of SYSTEM_NAMESPACES) {
      await ensure(
        backend,
        { group: '', version: 'v1', resource: 'namespaces' },
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
      );
    }
  },
};

const PRIORITY_CLASSES = [
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
];

const priorityClasses: BootstrapHook = {
  name: 'scheduling/bootstrap-system-priority-classes',
  async run({ backend }) {
    for (const item of PRIORITY_CLASSES) {
      const object = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', ...item };
      await ensure(backend, { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses' }, object);
    }
  },
};

const kubernetesServiceHook: BootstrapHook = {
  name: 'bootstrap-controller',
  async run({ backend, options, port }) {
    const { service, endpoints, slice } = kubernetesService({ ...options, port });
    await ensure(backend, { group: '', version: 'v1', resource: 'services' }, service);
    await enforce(backend, { group: '', version: 'v1', resource: 'endpoints' }, endpoints);
    await enforce(backend, { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' }, slice);
  },
};

const serviceCidrHook: BootstrapHook = {
  name: 'start-kubernetes-service-cidr-controller',
  async run({ backend, options }) {
    const resource = { group: 'networking.k8s.io', version: 'v1', resource: 'servicecidrs' };
    const object = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'kubernetes' },
      spec: { cidrs: [...options.serviceCidrs] },
    };
    await ensure(backend, resource, object);
  },
};

/** The order: namespaces first, everything namespaced needs them. */
export const BOOTSTRAP_HOOKS: readonly BootstrapHook[] = [systemNamespaces, priorityClasses, serviceCidrHook, kubernetesServiceHook];
