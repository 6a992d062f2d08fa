// Publishes the cluster's certificate authority to every active namespace as the ConfigMap kube-root-ca.crt, which pods mount
// beside their token.

import { deepEqual } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { isAlreadyExists, isNotFound } from '../../api/status-error.ts';
import type { ConfigMap } from '../../api/types/core-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import { CONFIG_MAPS, NAMESPACES } from '../../client/resources.ts';
import type { ControllerManagerDeps } from './controller.ts';
import { isActive, isNamespaceGone } from './service-account.ts';

/** Name of the ConfigMap; its key is `ca.crt`. */
const ROOT_CA_CONFIG_MAP = 'kube-root-ca.crt';

const ANNOTATIONS = { 'kubernetes.io/description': 'The authority that signs the certificate of the API server inside the cluster.' };

/** The controller. Its keys are names of namespaces. */
export function rootCaController(deps: ControllerManagerDeps): Component {
  const data = { 'ca.crt': deps.rootCa };
  const setup = () => {
    const namespaces = deps.informers.informer(NAMESPACES);
    const configMaps = deps.informers.informer(CONFIG_MAPS);
    const reconcile = async (namespace: string, signal: AbortSignal): Promise<undefined> => {
      if (!isActive(namespaces.lister.get(namespace))) return;
      const found = configMaps.lister.get(`${namespace}/${ROOT_CA_CONFIG_MAP}`);
      if (found && deepEqual(found.data, data)) return;
      try {
        if (found) await deps.client.update(CONFIG_MAPS, { ...found, data }, { signal });
        else await deps.client.create(CONFIG_MAPS, newConfigMap(namespace, data), { signal });
      } catch (error) {
        // It appeared or vanished meanwhile: the informer will say so and the namespace comes again.
        if (!isAlreadyExists(error) && !isNotFound(error) && !isNamespaceGone(error)) throw error;
      }
    };
    const touched = source(configMaps, ({ type, object }) =>
      type !== 'added' && object.metadata.name === ROOT_CA_CONFIG_MAP ? [object.metadata.namespace ?? ''] : [],
    );
    return { sources: [source(namespaces), touched], reconcile };
  };
  return new ControllerLoop({ name: 'root-ca', workers: 1, setup }, deps);
}

function newConfigMap(namespace: string, data: Record<string, string>): ConfigMap & KubeObject {
  return { metadata: { name: ROOT_CA_CONFIG_MAP, namespace, annotations: ANNOTATIONS }, data };
}
