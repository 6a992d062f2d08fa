// When a probe's results change its verdict, and the texts of its events. Pure.
// Rules: Kubernetes documentation, "Configure Liveness, Readiness and Startup Probes".

import type { Container, ContainerStatus, Pod, Probe } from '../../../api/types/core-v1.gen.ts';

/** Kinds of probes. */
export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** What a probe is taken to say; `unknown` is a startup probe that has not succeeded yet. */
export type Verdict = 'success' | 'failure' | 'unknown';

/** Outcome of one attempt. `warning` counts as success; `error` means that no answer could be had and does not count at all. */
export interface Attempt {
  readonly outcome: 'success' | 'warning' | 'failure' | 'error';
  readonly output: string;
}

/** Where a probe stands. */
export interface Progress {
  readonly verdict: Verdict;
  /** Outcome of the last attempts and how many in a row had it. */
  readonly last: 'success' | 'failure' | undefined;
  readonly run: number;
}

/** A probe's numbers with the API's defaults. Times are seconds. */
export interface ProbeNumbers {
  readonly initialDelay: number;
  readonly period: number;
  readonly timeout: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

/** The numbers of a probe. */
export function probeNumbers(probe: Probe): ProbeNumbers {
  return {
    initialDelay: probe.initialDelaySeconds ?? 0,
    period: probe.periodSeconds || 10,
    timeout: probe.timeoutSeconds || 1,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  };
}

/** The probe of that kind. */
export function probeOf(container: Container, kind: ProbeKind): Probe | undefined {
  const { startupProbe, livenessProbe, readinessProbe } = container;
  return { startup: startupProbe, liveness: livenessProbe, readiness: readinessProbe }[kind];
}

/** What a probe is taken to say before its first attempt: the container lives and is not ready, unless it was seen so before. */
export function firstProgress(kind: ProbeKind, seen: ContainerStatus | undefined): Progress {
  const first: Readonly<Record<ProbeKind, Verdict>> = {
    startup: seen?.started ? 'success' : 'unknown',
    liveness: 'success',
    readiness: seen?.ready ? 'success' : 'failure',
  };
  return { verdict: first[kind], last: undefined, run: 0 };
}

/** The status of the container in the pod's status if it is about this very run of it: what was known before a restart of kts. */
export function seenStatus(pod: Pod, containerName: string, containerId: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const status = [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === containerName);
  return status?.containerID?.endsWith(`//${containerId}`) ? status : undefined;
}

/** Counts an attempt: the verdict changes when the threshold is reached. */
export function judge(progress: Progress, attempt: Attempt, numbers: ProbeNumbers): Progress {
  if (attempt.outcome === 'error') return progress;
  const outcome = attempt.outcome === 'failure' ? 'failure' : 'success';
  const run = progress.last === outcome ? progress.run + 1 : 1;
  const threshold = outcome === 'failure' ? numbers.failureThreshold : numbers.successThreshold;
  return { verdict: run >= threshold ? outcome : progress.verdict, last: outcome, run };
}

/** An event to record. */
export interface ProbeEvent {
  readonly reason: 'Unhealthy' | 'ProbeWarning';
  readonly message: string;
}

/** The event of an attempt, in upstream's words; success has none. */
export function probeEvent(kind: ProbeKind, attempt: Attempt): ProbeEvent | undefined {
  const name = { startup: 'Startup', liveness: 'Liveness', readiness: 'Readiness' }[kind];
  switch (attempt.outcome) {
    case 'failure':
      return { reason: 'Unhealthy', message: `${name} probe failed: ${attempt.output}` };
    case 'warning':
      return { reason: 'ProbeWarning', message: `${name} probe warning: ${attempt.output}` };
    case 'error':
      return { reason: 'Unhealthy', message: `${name} probe errored and resulted in unknown state: ${attempt.output}` };
    case 'success':
      return undefined;
  }
}

/** The number of a port given by number or by name of the container's port. @returns undefined for a name that is not there */
export function portNumber(container: Container, port: number | string): number | undefined {
  const text = String(port);
  if (/^\d+$/.test(text)) return Number(text);
  return container.ports?.find(({ name }) => name === text)?.containerPort;
}
