// The sub-resources that are relayed to nodes, pods and Services, by `resource/subresource`.

import type { KubeObject } from '../../../api/object.ts';
import type * as core from '../../../api/types/core-v1.gen.ts';
import type { StoreReader } from '../../store/store.ts';
import type { ConnectHandler } from '../resource-handler.ts';
import type { KubeletAccess } from './kubelet-access.ts';
import { type ObjectLookup, podLog, podPortForward, podRemoteCommand, type StreamDeps } from './pod-streams.ts';
import { proxyRequest } from './proxy.ts';

/** Reads from the store by the keys of storage-prefix.ts. */
function lookupOf(store: Pick<StoreReader, 'get'>): ObjectLookup {
  const find = <T extends KubeObject>(key: string): T | undefined => store.get<T>(key)?.object;
  return {
    pod: (namespace, name) => find<core.Pod>(`/registry/pods/${namespace}/${name}`),
    node: (name) => find<core.Node>(`/registry/minions/${name}`),
    service: (namespace, name) => find<core.Service>(`/registry/services/specs/${namespace}/${name}`),
    endpoints: (namespace, name) => find<core.Endpoints>(`/registry/services/endpoints/${namespace}/${name}`),
  };
}

/** The table. */
export function connectHandlers(options: { store: Pick<StoreReader, 'get'>; kubelet: KubeletAccess }): ReadonlyMap<string, ConnectHandler> {
  const deps: StreamDeps = { lookup: lookupOf(options.store), kubelet: options.kubelet };
  const proxy: ConnectHandler = (exchange) => proxyRequest(exchange, deps);
  return new Map<string, ConnectHandler>([
    ['nodes/proxy', proxy],
    ['pods/attach', (exchange) => podRemoteCommand(exchange, deps, 'attach')],
    ['pods/exec', (exchange) => podRemoteCommand(exchange, deps, 'exec')],
    ['pods/log', (exchange) => podLog(exchange, deps)],
    ['pods/portforward', (exchange) => podPortForward(exchange, deps)],
    ['pods/proxy', proxy],
    ['services/proxy', proxy],
  ]);
}
