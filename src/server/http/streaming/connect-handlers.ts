// The sub-resources that are relayed to nodes, pods and Services, by `resource/subresource`.

import { ENDPOINTS, NODES, PODS, SERVICES } from '../../../client/resources.ts';
import type { AdmissionReader } from '../../admission/admission-reader.ts';
import type { ConnectHandler } from '../resource-handler.ts';
import type { KubeletAccess } from './kubelet-access.ts';
import { type ObjectLookup, podLog, podPortForward, podRemoteCommand, type StreamDeps } from './pod-streams.ts';
import { proxyRequest } from './proxy.ts';

/** The objects that requests are about, in their newest state. */
function lookupOf(reader: AdmissionReader): ObjectLookup {
  return {
    pod: (namespace, name) => reader.get(PODS, { namespace, name }),
    node: (name) => reader.get(NODES, { namespace: '', name }),
    service: (namespace, name) => reader.get(SERVICES, { namespace, name }),
    endpoints: (namespace, name) => reader.get(ENDPOINTS, { namespace, name }),
  };
}

/** The table. */
export function connectHandlers(options: { reader: AdmissionReader; kubelet: KubeletAccess }): ReadonlyMap<string, ConnectHandler> {
  const deps: StreamDeps = { lookup: lookupOf(options.reader), kubelet: options.kubelet };
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
