// Pod Security Standards: what of the host a pod may reach. Pure.

import type { LifecycleHandler, Probe } from '../types/core-v1.gen.ts';
import { containersOf, containersText, distinct, namesWhere, plural, quoted, type SecurityCheck, settersText } from './check.ts';

/** No namespaces of the host. */
export const hostNamespaces: SecurityCheck = {
  id: 'hostNamespaces',
  level: 'baseline',
  versions: [
    [
      0,
      ({ spec }) => {
        const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
        return shared.length === 0 ? undefined : { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
      },
    ],
  ],
};

/** No ports of the host. */
export const hostPorts: SecurityCheck = {
  id: 'hostPorts',
  level: 'baseline',
  versions: [
    [
      0,
      (pod) => {
        const users = containersOf(pod).filter((container) => container.ports?.some((port) => port.hostPort));
        const ports = distinct(users.flatMap(({ ports = [] }) => ports.flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []))));
        if (users.length === 0) return undefined;
        const who = containersText(users.map(({ name }) => name));
        const detail = `${who} ${plural(users.length, 'uses', 'use')} ${plural(ports.length, 'hostPort')} ${ports.join(', ')}`;
        return { reason: 'hostPort', detail };
      },
    ],
  ],
};

/** No probes and hooks that the kubelet would send to other hosts. */
export const hostProbes: SecurityCheck = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  versions: [
    [
      34,
      (pod) => {
        const hosts = containersOf(pod).map((container) => {
          const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
          const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
          return { name: container.name, hosts: handlers.flatMap(hostsOf) };
        });
        const users = distinct(hosts.filter((each) => each.hosts.length > 0).map((each) => each.name));
        const named = distinct(hosts.flatMap((each) => each.hosts));
        if (users.length === 0) return undefined;
        const what = plural(named.length, 'probe or lifecycle host');
        const detail = `${containersText(users)} ${plural(users.length, 'uses', 'use')} ${what} ${quoted(named)}`;
        return { reason: 'probe or lifecycle host', detail };
      },
    ],
  ],
};

function hostsOf(handler: Probe | LifecycleHandler | undefined): string[] {
  return [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host): host is string => host !== undefined && host !== '');
}

/** No processes of a Windows host. */
export const windowsHostProcess: SecurityCheck = {
  id: 'windowsHostProcess',
  level: 'baseline',
  versions: [
    [
      0,
      (pod) => {
        const names = namesWhere(pod, ({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
        const who = settersText(pod.spec.securityContext?.windowsOptions?.hostProcess === true, names);
        if (who === '') return undefined;
        return { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` };
      },
    ],
  ],
};
