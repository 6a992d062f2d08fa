// The CRI configuration of a pod's sandbox. Pure.

import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { Input } from '../../cri/codec.ts';
import type { NamespaceOption, PodSandboxConfig, PortMapping, SecurityProfile } from '../../cri/messages.gen.ts';
import { LABELS } from './observed-pod.ts';
import type { PodHostname, ResolvConf } from './pod-dns.ts';
import { seccompProfile } from './security-context.ts';

/** What the sandbox depends on besides the pod. */
export interface SandboxFacts {
  readonly attempt: number;
  readonly hostname: PodHostname;
  readonly dns: ResolvConf;
  readonly logDirectory: string;
  readonly cgroupParent: string;
  /** Directory of seccomp profiles of type Localhost. */
  readonly seccompDir: string;
}

/** The labels by which everything of a pod is found again. */
export function podLabels(pod: Pod): Record<string, string> {
  const { name = '', namespace = '', uid = '' } = pod.metadata;
  return { [LABELS.podName]: name, [LABELS.podNamespace]: namespace, [LABELS.podUid]: uid };
}

/** Which namespaces the pod shares with the node or among its containers. */
export function namespaceOptions({ spec }: Pod): Input<NamespaceOption> {
  return {
    network: spec.hostNetwork ? 'NODE' : 'POD',
    pid: spec.hostPID ? 'NODE' : spec.shareProcessNamespace ? 'POD' : 'CONTAINER',
    ipc: spec.hostIPC ? 'NODE' : 'POD',
  };
}

/** The configuration. */
export function sandboxConfig(pod: Pod, facts: SandboxFacts): Input<PodSandboxConfig> {
  const { name = '', namespace = '', uid = '', labels, annotations } = pod.metadata;
  return {
    metadata: { name, namespace, uid, attempt: facts.attempt },
    ...(!pod.spec.hostNetwork && { hostname: facts.hostname.hostname }),
    logDirectory: facts.logDirectory,
    dnsConfig: facts.dns,
    portMappings: portMappings(pod),
    labels: { ...labels, ...podLabels(pod) },
    annotations: { ...annotations },
    linux: {
      cgroupParent: facts.cgroupParent,
      sysctls: Object.fromEntries((pod.spec.securityContext?.sysctls ?? []).map((s) => [s.name.replaceAll('/', '.'), s.value])),
      securityContext: securityContext(pod, facts.seccompDir),
    },
  };
}

function securityContext(pod: Pod, seccompDir: string) {
  const context = pod.spec.securityContext ?? {};
  const seccomp: Input<SecurityProfile> = seccompProfile(context.seccompProfile ?? { type: 'RuntimeDefault' }, seccompDir);
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? []), ...(pod.spec.ephemeralContainers ?? [])];
  return {
    namespaceOptions: namespaceOptions(pod),
    privileged: all.some((c) => c.securityContext?.privileged),
    seccomp,
    ...(context.runAsUser !== undefined && { runAsUser: { value: context.runAsUser } }),
    ...(context.runAsGroup !== undefined && context.runAsUser !== undefined && { runAsGroup: { value: context.runAsGroup } }),
    supplementalGroups: [...(context.fsGroup === undefined ? [] : [context.fsGroup]), ...(context.supplementalGroups ?? [])],
  } as const;
}

const PROTOCOLS = new Set(['TCP', 'UDP', 'SCTP']);

function portMappings(pod: Pod): Input<PortMapping>[] {
  if (pod.spec.hostNetwork) return [];
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always');
  return [...pod.spec.containers, ...sidecars].flatMap((c) =>
    (c.ports ?? []).flatMap(
      ({ hostPort, containerPort, protocol = 'TCP', hostIP = '' }): Input<PortMapping>[] =>
        hostPort && PROTOCOLS.has(protocol) ? [{ hostPort, containerPort, hostIp: hostIP, protocol: protocol as 'TCP' }] : [], // checked
    ),
  );
}
