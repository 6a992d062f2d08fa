// Sees to it that every active namespace has the service account `default`.

import type { KubeObject } from '../../api/object.ts';
import { hasReason, isAlreadyExists } from '../../api/status-error.ts';
import type { ServiceAccount } from '../../api/types/core-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import { NAMESPACES, SERVICE_ACCOUNTS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';

const NAME = 'default';

/** The controller. Its keys are names of namespaces. */
export function serviceAccountController(deps: ControllerDeps): Component {
  const setup = () => {
    const namespaces = deps.informers.informer(NAMESPACES);
    const accounts = deps.informers.informer(SERVICE_ACCOUNTS);
    const reconcile = async (namespace: string, signal: AbortSignal): Promise<undefined> => {
      if (!isActive(namespaces.lister.get(namespace)) || accounts.lister.get(`${namespace}/${NAME}`)) return;
      const account: ServiceAccount & KubeObject = { metadata: { name: NAME, namespace } };
      await deps.client.create(SERVICE_ACCOUNTS, account, { signal }).catch((error: unknown) => {
        if (!isAlreadyExists(error) && !isNamespaceGone(error)) throw error;
      });
    };
    const lost = source(accounts, ({ type, object }) =>
      type === 'deleted' && object.metadata.name === NAME ? [object.metadata.namespace ?? ''] : [],
    );
    return { sources: [source(namespaces), lost], reconcile };
  };
  return new ControllerLoop({ name: 'serviceaccount', workers: 1, setup }, deps);
}

/** Whether a namespace takes new objects. */
export function isActive(namespace: (KubeObject & { status?: { phase?: string } }) | undefined): boolean {
  return namespace !== undefined && namespace.metadata.deletionTimestamp === undefined && namespace.status?.phase !== 'Terminating';
}

/** Whether a create failed because the namespace is being deleted or is gone: nothing is left to do. */
export function isNamespaceGone(error: unknown): boolean {
  if (hasReason(error, 'NotFound')) return true;
  return hasReason(error, 'Forbidden') && (error.status.details?.causes?.some((c) => c.reason === 'NamespaceTerminating') ?? false);
}
