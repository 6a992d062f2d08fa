// A pod as the runtime has it: sandboxes and container instances that carry its uid.

import type { ContainerInstance } from './pod-directory.ts';

/** Labels by which kubelets mark what they make: cadvisor, crictl and log collectors read them. */
export const LABELS = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
} as const;

/** Annotations kubelets put on containers. */
export const ANNOTATIONS = {
  restartCount: 'io.kubernetes.container.restartCount',
  hash: 'io.kubernetes.container.hash',
  terminationMessagePath: 'io.kubernetes.container.terminationMessagePath',
  terminationMessagePolicy: 'io.kubernetes.container.terminationMessagePolicy',
  gracePeriod: 'io.kubernetes.pod.terminationGracePeriod',
} as const;

/** One run of a container. Times are ms since 1970; 0 = not yet. */
export interface ObservedContainer extends ContainerInstance {
  readonly sandboxId: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly exitCode: number;
  /** As the runtime says: `Completed`, `Error`, `OOMKilled`, `ContainerCannotRun` … */
  readonly reason: string;
  /** The runtime's message, or the container's termination message. */
  readonly message: string;
  readonly image: string;
  /** The image's reference with digest, or its id. */
  readonly imageId: string;
  /** Hash of the spec it was made from; `''` when made by something else. */
  readonly hash: string;
  /** Grace period of the pod when it was made. */
  readonly graceSeconds: number;
}

/** One sandbox of a pod. */
export interface ObservedSandbox {
  readonly id: string;
  readonly attempt: number;
  readonly ready: boolean;
  readonly createdAtMs: number;
  /** Addresses, primary first; empty for host-network pods. */
  readonly ips: readonly string[];
}

/** What the runtime has of one pod. */
export interface ObservedPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** Newest first. */
  readonly sandboxes: readonly ObservedSandbox[];
  /** Newest first. */
  readonly containers: readonly ObservedContainer[];
}

/** A pod the runtime has nothing of. */
export function nothingObserved(uid: string, namespace: string, name: string): ObservedPod {
  return { uid, namespace, name, sandboxes: [], containers: [] };
}

/** The instances of one container, newest first. */
export function instancesOf(observed: ObservedPod, name: string): readonly ObservedContainer[] {
  return observed.containers.filter((c) => c.name === name);
}

/** The newest sandbox when it is the only ready one. */
export function readySandbox(observed: ObservedPod): ObservedSandbox | undefined {
  const newest = observed.sandboxes[0];
  return newest?.ready && observed.sandboxes.filter((s) => s.ready).length === 1 ? newest : undefined;
}

/** Whether anything of the pod runs. */
export function isAnythingRunning(observed: ObservedPod): boolean {
  return observed.sandboxes.some((s) => s.ready) || observed.containers.some((c) => c.state === 'running');
}
