// The API objects that containers refer to, read through the node's client; Services come from memory.

import type { KubeObject } from '../../api/object.ts';
import { isNotFound } from '../../api/status-error.ts';
import type { Pod, Secret, Service } from '../../api/types/core-v1.gen.ts';
import type { Client, TypedResource } from '../../client/client.ts';
import type { Lister } from '../../client/informer.ts';
import { CONFIG_MAPS, PODS, RUNTIME_CLASSES, SECRETS } from '../../client/resources.ts';
import { kubeletError } from './errors.ts';
import type { PodObjects } from './pod-context.ts';

/** PodObjects over a client and a lister of Services. */
export function podObjects(client: Client, services: Lister<Service>): PodObjects {
  async function read<T extends KubeObject>(resource: TypedResource<T>, namespace: string, name: string): Promise<T | undefined> {
    try {
      return await client.get(resource, { namespace, name });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
  return {
    configMap: (namespace, name) => read(CONFIG_MAPS, namespace, name),
    secret: (namespace, name) => read(SECRETS, namespace, name),
    services: (namespace) =>
      namespace === 'default' ? services.list('default') : [...services.list('default'), ...services.list(namespace)],
    async runtimeHandler(name: string | undefined): Promise<string> {
      if (!name) return '';
      const found = await read(RUNTIME_CLASSES, '', name);
      if (!found) throw kubeletError('kubelet-config', `RuntimeClass "${name}" not found`);
      return found.handler;
    },
    async pullSecrets(pod: Pod): Promise<readonly Secret[]> {
      const refs = pod.spec.imagePullSecrets ?? [];
      const found = await Promise.all(refs.map(({ name = '' }) => read(SECRETS, pod.metadata.namespace ?? '', name)));
      return found.filter((s) => s !== undefined);
    },
    async deletePod({ metadata: { namespace = '', name = '', uid = '' } }: Pod): Promise<void> {
      try {
        await client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}
