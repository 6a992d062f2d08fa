// The CRI configuration of a container. Pure: what must be looked up (environment, mounts, image) is given.

import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { Input } from '../../cri/codec.ts';
import { SCOPE_STOP_TIMEOUT } from '../../cri/containerd-config.ts';
import type { ContainerConfig, Image, Mount, NamespaceOption, Signal } from '../../cri/messages.gen.ts';
import { containerHash } from './container-hash.ts';
import { linuxResources, type NodeResources } from './container-resources.ts';
import { expand } from './expansion.ts';
import { ANNOTATIONS, LABELS } from './observed-pod.ts';
import type { PodContainer } from './pod-containers.ts';
import { namespaceOptions, podLabels } from './sandbox-config.ts';
import { securityContext } from './security-context.ts';

/** What a container depends on besides the pod. */
export interface ContainerConfigFacts {
  readonly attempt: number;
  readonly image: Image;
  readonly env: ReadonlyMap<string, string>;
  readonly mounts: readonly Input<Mount>[];
  readonly node: NodeResources;
  readonly seccompDir: string;
  /** Id of the container whose process namespace an ephemeral container joins. */
  readonly targetId: string | undefined;
}

/** Path of a container's log below the pod's log directory. */
function containerLogPath(container: string, attempt: number): string {
  return `${container}/${attempt}.log`;
}

/** What systemd gives a scope by default when the machine goes down (DefaultTimeoutStopSec=, systemd-system.conf(5)). */
const SCOPE_STOP_MAX_SECONDS = 90;

/**
 * How long systemd waits for a container after SIGTERM when the machine shuts down, in the form of systemd's properties: the pod's
 * grace period, since a process that ignores the signal would hold every reboot for the whole default. Nothing waits longer than
 * without it, and 0 would mean for ever.
 */
function scopeStopTimeout(graceSeconds: number): string {
  return `uint64 ${Math.min(Math.max(graceSeconds, 1), SCOPE_STOP_MAX_SECONDS) * 1_000_000}`;
}

/** The configuration. @throws KtsError `kubelet-config` */
export function containerConfig(pod: Pod, target: PodContainer, facts: ContainerConfigFacts): Input<ContainerConfig> {
  const { container } = target;
  const expanded = (words: readonly string[] = []): string[] => words.map((word) => expand(word, (name) => facts.env.get(name)));
  const namespaces: Input<NamespaceOption> = facts.targetId
    ? { ...namespaceOptions(pod), pid: 'TARGET', targetId: facts.targetId }
    : namespaceOptions(pod);
  const stopSignal = container.lifecycle?.stopSignal;
  const graceSeconds = pod.spec.terminationGracePeriodSeconds ?? 30;
  return {
    metadata: { name: container.name, attempt: facts.attempt },
    image: { image: facts.image.id, userSpecifiedImage: container.image ?? '' },
    command: expanded(container.command),
    args: expanded(container.args),
    workingDir: container.workingDir ?? '',
    envs: [...facts.env].map(([key, value]) => ({ key, value: Buffer.from(value) })),
    mounts: facts.mounts,
    labels: { ...podLabels(pod), [LABELS.containerName]: container.name },
    annotations: {
      [ANNOTATIONS.restartCount]: String(facts.attempt),
      [ANNOTATIONS.hash]: containerHash(container),
      [ANNOTATIONS.terminationMessagePath]: container.terminationMessagePath ?? '',
      [ANNOTATIONS.terminationMessagePolicy]: container.terminationMessagePolicy ?? 'File',
      [ANNOTATIONS.gracePeriod]: String(graceSeconds),
      [SCOPE_STOP_TIMEOUT]: scopeStopTimeout(graceSeconds),
    },
    logPath: containerLogPath(container.name, facts.attempt),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    ...(stopSignal && { stopSignal: stopSignal as Signal }), // validated by the API
    linux: {
      resources: linuxResources(pod, container, facts.node),
      securityContext: securityContext(pod, container, { image: facts.image, namespaces, seccompDir: facts.seccompDir }),
    },
  };
}
