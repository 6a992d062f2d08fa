// Builders of pods and observations for the kubelet's unit tests.

import { containerHash } from '../../../../src/agent/kubelet/container-hash.ts';
import {
  nothingObserved,
  type ObservedContainer,
  type ObservedPod,
  type ObservedSandbox,
} from '../../../../src/agent/kubelet/observed-pod.ts';
import type { Container, Pod, PodSpec } from '../../../../src/api/types/core-v1.gen.ts';

/** The time all observations are about. */
export const T0 = Date.UTC(2026, 0, 1);

/** A pod `default/p` with uid `u`. */
export function pod(spec: Partial<PodSpec> = {}, status: Pod['status'] = {}): Pod {
  const containers: Container[] = [{ name: 'a', image: 'i' }];
  return {
    metadata: { name: 'p', namespace: 'default', uid: 'u', generation: 2 },
    spec: { restartPolicy: 'Always', containers, ...spec },
    status,
  };
}

/** A sandbox with an address. */
export function sandbox(more: Partial<ObservedSandbox> = {}): ObservedSandbox {
  return { id: 's0', attempt: 0, ready: true, createdAtMs: T0, ips: ['10.42.0.2'], ...more };
}

/** A run of a container in sandbox s0: running unless told otherwise. */
export function run(name: string, more: Partial<ObservedContainer> = {}): ObservedContainer {
  const attempt = more.attempt ?? 0;
  return {
    id: `${name}${attempt}`,
    sandboxId: 's0',
    name,
    attempt,
    state: 'running',
    createdAtMs: T0,
    startedAtMs: T0,
    finishedAtMs: 0,
    exitCode: 0,
    reason: '',
    message: '',
    logPath: `/l/${name}/${attempt}.log`,
    image: 'i',
    imageId: 'sha256:1',
    hash: containerHash({ name, image: 'i' }),
    graceSeconds: 30,
    ...more,
  };
}

/** A run that ended at `T0`. */
export function exited(name: string, exitCode: number, more: Partial<ObservedContainer> = {}): ObservedContainer {
  return run(name, { state: 'exited', exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', finishedAtMs: T0, ...more });
}

/** What the runtime has of the pod; by default one ready sandbox. */
export function observed(containers: readonly ObservedContainer[], sandboxes: readonly ObservedSandbox[] = [sandbox()]): ObservedPod {
  return { ...nothingObserved('u', 'default', 'p'), sandboxes, containers };
}
