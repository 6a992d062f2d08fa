// The probes of all running containers of this node: a worker per probe, verdicts for the kubelet, events for the user.

import type { Container, Pod } from '../../../api/types/core-v1.gen.ts';
import type { Clock } from '../../../base/clock.ts';
import type { EventRecorder } from '../../../client/recorder.ts';
import type { ProbeManager, ProbeState, ProbeTarget } from '../ports.ts';
import { firstProgress, type ProbeKind, probeEvent, probeNumbers, probeOf, seenStatus } from './probe-rules.ts';
import { ProbeWorker } from './probe-worker.ts';
import { attemptProbe, type ProberDeps } from './prober.ts';

/** What the manager needs. */
export interface NodeProbeManagerDeps extends ProberDeps {
  readonly clock: Clock;
  readonly recorder: EventRecorder;
  /** 0 ≤ x < 1; spreads the first attempts after a start of kts. Default Math.random. */
  readonly random?: () => number;
}

const KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];

/** The probes of one run of a container. */
interface ContainerProbes {
  readonly containerId: string;
  readonly workers: Map<ProbeKind, ProbeWorker>;
}

/** What is known of a pod. */
interface PodProbes {
  pod: Pod;
  podIp: string;
  readonly containers: Map<string, ContainerProbes>;
}

/** The probe manager of a node. */
export class NodeProbeManager implements ProbeManager {
  readonly #deps: NodeProbeManagerDeps;
  readonly #startedAtMs: number;
  readonly #pods = new Map<string, PodProbes>();
  readonly #listeners = new Set<(podUid: string) => void>();

  constructor(deps: NodeProbeManagerDeps) {
    this.#deps = deps;
    this.#startedAtMs = deps.clock.now();
  }

  sync(pod: Pod, podIp: string, targets: readonly ProbeTarget[], options?: { readonly terminating: boolean }): void {
    const uid = pod.metadata.uid ?? '';
    const state: PodProbes = this.#pods.get(uid) ?? { pod, podIp, containers: new Map() };
    Object.assign(state, { pod, podIp });
    for (const [name, probes] of state.containers) {
      if (targets.some((target) => target.containerName === name && target.containerId === probes.containerId)) continue;
      for (const worker of probes.workers.values()) worker.stop();
      state.containers.delete(name);
    }
    for (const target of targets) this.#syncContainer(state, target, options?.terminating ? ['readiness'] : KINDS);
    if (state.containers.size > 0) this.#pods.set(uid, state);
    else this.#pods.delete(uid);
  }

  state(pod: Pod, target: ProbeTarget): ProbeState {
    const probes = this.#pods.get(pod.metadata.uid ?? '')?.containers.get(target.containerName);
    if (probes?.containerId !== target.containerId) return { started: true, ready: true };
    const verdict = (kind: ProbeKind) => probes.workers.get(kind)?.verdict ?? 'success';
    const started = verdict('startup') === 'success';
    const failed = (['startup', 'liveness'] as const).find((kind) => verdict(kind) === 'failure');
    const grace = failed && probes.workers.get(failed)?.probe.terminationGracePeriodSeconds;
    return {
      started,
      ready: started && verdict('readiness') === 'success',
      ...(failed && { failed: { probe: failed, ...(grace !== undefined && { terminationGracePeriodSeconds: grace }) } }),
    };
  }

  remove(podUid: string): void {
    for (const { workers } of this.#pods.get(podUid)?.containers.values() ?? []) for (const worker of workers.values()) worker.stop();
    this.#pods.delete(podUid);
  }

  onChange(listener: (podUid: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends all probes. */
  stop(): void {
    for (const uid of [...this.#pods.keys()]) this.remove(uid);
    this.#listeners.clear();
  }

  #syncContainer(state: PodProbes, target: ProbeTarget, wanted: readonly ProbeKind[]): void {
    const container = containerOf(state.pod, target.containerName);
    if (!container) return;
    const probes = state.containers.get(target.containerName) ?? { containerId: target.containerId, workers: new Map() };
    for (const kind of KINDS) {
      const worker = probes.workers.get(kind);
      if (!wanted.includes(kind)) worker?.stop();
      else if (!worker) this.#addWorker(state, probes, { container, target, kind });
    }
    if (probes.workers.size > 0) state.containers.set(target.containerName, probes);
  }

  #addWorker(
    state: PodProbes,
    probes: ContainerProbes,
    what: { readonly container: Container; readonly target: ProbeTarget; readonly kind: ProbeKind },
  ): void {
    const { container, target, kind } = what;
    const probe = probeOf(container, kind);
    if (!probe) return;
    const { clock } = this.#deps;
    const worker = new ProbeWorker(
      {
        kind,
        probe,
        startedAtMs: target.startedAtMs,
        first: firstProgress(kind, seenStatus(state.pod, target.containerName, target.containerId)),
        delayMs: this.#spread(target, probeNumbers(probe).period * 1000),
      },
      {
        clock,
        attempt: () => attemptProbe(probe, { container, containerId: target.containerId, podIp: state.podIp }, this.#deps),
        due: () => kind === 'startup' || (probes.workers.get('startup')?.verdict ?? 'success') === 'success',
        onAttempt: (attempt) => {
          const event = probeEvent(kind, attempt);
          const fieldPath = `spec.${fieldOf(state.pod, container)}{${container.name}}`;
          if (event) this.#deps.recorder.event({ object: state.pod, fieldPath }, 'Warning', event.reason, event.message);
        },
        onVerdict: () => {
          // What waited for the start need not wait for its own interval too.
          if (kind === 'startup') for (const other of probes.workers.values()) other.trigger();
          for (const listener of this.#listeners) listener(state.pod.metadata.uid ?? '');
        },
      },
    );
    probes.workers.set(kind, worker);
  }

  /** Containers that ran before kts are met all at once: their probes should not all run at once for ever. */
  #spread(target: ProbeTarget, periodMs: number): number {
    return target.startedAtMs < this.#startedAtMs ? (this.#deps.random ?? Math.random)() * periodMs : 0;
  }
}

function containerOf(pod: Pod, name: string): Container | undefined {
  return [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].find((container) => container.name === name);
}

function fieldOf(pod: Pod, container: Container): string {
  return pod.spec?.initContainers?.includes(container) ? 'initContainers' : 'containers';
}
