// Sees pods through the CRI: reads one pod fresh when asked, and tells when a pod should be looked at again, driven by the runtime's
// events with a slow relist as safety net.

import type { Clock } from '../../base/clock.ts';
import { type Component, TaskGroup } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { isCriNotFound } from '../../cri/errors.ts';
import type { Container, ContainerState, ContainerStatus, PodSandbox } from '../../cri/messages.gen.ts';
import type { ContainerRuntime, EventRuntime, SandboxRuntime } from '../../cri/runtime.ts';
import { ANNOTATIONS, LABELS, nothingObserved, type ObservedContainer, type ObservedPod, type ObservedSandbox } from './observed-pod.ts';
import { terminationMessage } from './termination-message.ts';

/** What the view needs. */
export interface RuntimeViewDeps {
  readonly runtime: Pick<SandboxRuntime, 'listPodSandboxes' | 'podSandboxStatus'> &
    Pick<ContainerRuntime, 'listContainers' | 'containerStatus'> &
    EventRuntime;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Options of the view. */
export interface RuntimeViewOptions {
  /** Where a run of a container writes its termination message. */
  readonly terminationMessageFile: (podUid: string, container: string, attempt: number) => string;
}

/** Events make it fast; this finds what an event lost. */
const RELIST_MS = 60_000;
/** The event of an exit comes a few milliseconds before the CRI knows of it. */
const EXIT_POLL_MS = 5;
const EXIT_WAIT_MS = 2000;
/** Of containers that do not say. */
const DEFAULT_GRACE_SECONDS = 30;
/** Most announced exits remembered; one is needed for some milliseconds only. */
const MAX_EXITS = 1000;
const RESUBSCRIBE_MS = 500;
const STATES: Readonly<Record<ContainerState, ObservedContainer['state']>> = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
  CONTAINER_UNKNOWN: 'unknown',
};

const toMs = (nanoseconds: bigint): number => Number(nanoseconds / 1_000_000n);

/** The runtime's pods. As a Component it follows the events between `start` and `stop`; `observe` works at any time. */
export class RuntimeView implements Component {
  readonly name = 'runtime-view';
  readonly #options: RuntimeViewOptions;
  readonly #deps: RuntimeViewDeps;
  readonly #tasks: TaskGroup;
  readonly #listeners = new Set<(podUid: string) => void>();
  /** The last observation of each pod the runtime has something of. Bounded by the node's pods. */
  readonly #last = new Map<string, ObservedPod>();
  /** Pod of a container or sandbox id. Kept in step with #last. */
  readonly #podOf = new Map<string, string>();
  /** Ids whose exit was announced and is not in the runtime's lists yet. */
  readonly #exited = new Set<string>();
  #lastContact = Number.NEGATIVE_INFINITY;

  constructor(options: RuntimeViewOptions, deps: RuntimeViewDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#tasks = new TaskGroup(deps.log);
  }

  /** Calls `listener` with the uid of a pod that should be looked at. */
  onChange(listener: (podUid: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The last observation of a pod. */
  last(podUid: string): ObservedPod | undefined {
    return this.#last.get(podUid);
  }

  /** The last observations of all pods the runtime has something of. */
  all(): readonly ObservedPod[] {
    return [...this.#last.values()];
  }

  /** Whether the runtime has answered in the last two relist periods. */
  get healthy(): boolean {
    return this.#deps.clock.monotonic() - this.#lastContact < 2 * RELIST_MS + 10_000;
  }

  /** Lists everything once, then follows the events. @throws KtsError of cri/errors.ts */
  async start(): Promise<void> {
    await this.relist();
    this.#tasks.run('events', (signal) => this.#follow(signal));
    this.#tasks.run('relist', (signal) => this.#relistForever(signal));
  }

  async stop(): Promise<void> {
    await this.#tasks.stop();
  }

  /** Reads one pod. */
  async observe(podUid: string, signal?: AbortSignal): Promise<ObservedPod> {
    const { clock } = this.#deps;
    const end = clock.monotonic() + EXIT_WAIT_MS;
    for (;;) {
      const observed = await this.#read(podUid, signal);
      const stale = observed.containers.some((c) => c.state === 'running' && this.#exited.has(c.id));
      if (!stale || clock.monotonic() > end) return observed;
      await clock.sleep(EXIT_POLL_MS, signal);
    }
  }

  /** Lists everything and tells of pods that look different from the last observation. */
  async relist(): Promise<void> {
    const { runtime } = this.#deps;
    const [sandboxes, containers] = await Promise.all([runtime.listPodSandboxes(), runtime.listContainers()]);
    this.#lastContact = this.#deps.clock.monotonic();
    const uids = new Set([...sandboxes, ...containers].map((x) => x.labels[LABELS.podUid] ?? ''));
    uids.delete('');
    for (const uid of new Set([...this.#last.keys(), ...uids])) {
      const own = <T extends PodSandbox | Container>(all: readonly T[]): T[] => all.filter((x) => x.labels[LABELS.podUid] === uid);
      const before = this.#last.get(uid);
      if (before && sameStates(before, own(sandboxes), own(containers))) continue;
      await this.#remember(uid, own(sandboxes), own(containers));
      this.#tell(uid);
    }
  }

  #tell(podUid: string): void {
    for (const listener of this.#listeners) listener(podUid);
  }

  async #read(podUid: string, signal?: AbortSignal): Promise<ObservedPod> {
    const { runtime } = this.#deps;
    const filter = { labelSelector: { [LABELS.podUid]: podUid } };
    const options = signal ? { signal } : {};
    const [sandboxes, containers] = await Promise.all([runtime.listPodSandboxes(filter, options), runtime.listContainers(filter, options)]);
    this.#lastContact = this.#deps.clock.monotonic();
    return this.#remember(podUid, sandboxes, containers);
  }

  async #remember(uid: string, sandboxes: readonly PodSandbox[], containers: readonly Container[]): Promise<ObservedPod> {
    const before = this.#last.get(uid);
    const labels = sandboxes[0]?.labels ?? containers[0]?.labels ?? {};
    const [boxes, instances] = await Promise.all([
      Promise.all(sandboxes.map((s) => this.#sandbox(s, before))),
      Promise.all(containers.map((c) => this.#container(c, before))),
    ]);
    const observed: ObservedPod = {
      ...nothingObserved(uid, labels[LABELS.podNamespace] ?? '', labels[LABELS.podName] ?? ''),
      sandboxes: boxes.flatMap((b) => b ?? []).sort((a, b) => b.createdAtMs - a.createdAtMs || b.attempt - a.attempt),
      containers: instances.flatMap((c) => c ?? []).sort((a, b) => b.attempt - a.attempt || b.createdAtMs - a.createdAtMs),
    };
    this.#index(uid, before, observed);
    return observed;
  }

  #index(uid: string, before: ObservedPod | undefined, after: ObservedPod): void {
    const ids = (pod: ObservedPod): string[] => [...pod.sandboxes, ...pod.containers].map((x) => x.id);
    const now = new Set(ids(after));
    for (const id of before ? ids(before) : []) {
      if (now.has(id)) continue;
      this.#podOf.delete(id);
      this.#exited.delete(id);
    }
    for (const id of now) this.#podOf.set(id, uid);
    for (const container of after.containers) if (container.state === 'exited') this.#exited.delete(container.id);
    if (now.size === 0) this.#last.delete(uid);
    else this.#last.set(uid, after);
  }

  async #sandbox(sandbox: PodSandbox, before: ObservedPod | undefined): Promise<ObservedSandbox | undefined> {
    const ready = sandbox.state === 'SANDBOX_READY';
    const known = before?.sandboxes.find((s) => s.id === sandbox.id);
    if (known) return known.ready === ready ? known : { ...known, ready };
    try {
      const { network } = await this.#deps.runtime.podSandboxStatus(sandbox.id);
      const ips = [network?.ip ?? '', ...(network?.additionalIps ?? []).map((a) => a.ip)].filter((ip) => ip !== '');
      return { id: sandbox.id, attempt: sandbox.metadata?.attempt ?? 0, ready, createdAtMs: toMs(sandbox.createdAt), ips };
    } catch (error) {
      if (isCriNotFound(error)) return undefined;
      throw error;
    }
  }

  async #container(container: Container, before: ObservedPod | undefined): Promise<ObservedContainer | undefined> {
    const known = before?.containers.find((c) => c.id === container.id);
    const state = STATES[container.state];
    if (known && known.state === state) return known; // an instance in a state does not change
    try {
      const status = await this.#deps.runtime.containerStatus(container.id);
      return await this.#instance(container, status);
    } catch (error) {
      if (isCriNotFound(error)) return undefined;
      throw error;
    }
  }

  async #instance(container: Container, status: ContainerStatus): Promise<ObservedContainer> {
    const name = container.labels[LABELS.containerName] ?? container.metadata?.name ?? '';
    const attempt = container.metadata?.attempt ?? 0;
    const state = STATES[status.state];
    const uid = container.labels[LABELS.podUid] ?? '';
    return {
      id: container.id,
      sandboxId: container.podSandboxId,
      name,
      attempt,
      state,
      createdAtMs: toMs(status.createdAt),
      startedAtMs: toMs(status.startedAt),
      finishedAtMs: toMs(status.finishedAt),
      exitCode: status.exitCode,
      reason: status.reason,
      message:
        state === 'exited' ? await terminationMessage(this.#options.terminationMessageFile(uid, name, attempt), status) : status.message,
      logPath: status.logPath,
      image: status.image?.image ?? container.image?.image ?? '',
      imageId: status.imageRef,
      hash: status.annotations[ANNOTATIONS.hash] ?? '',
      graceSeconds: Number(status.annotations[ANNOTATIONS.gracePeriod] ?? DEFAULT_GRACE_SECONDS) || 0,
    };
  }

  async #relistForever(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#deps.clock.sleep(RELIST_MS, signal);
      await this.#tryRelist();
    }
  }

  async #tryRelist(): Promise<void> {
    try {
      await this.relist();
    } catch (error) {
      this.#deps.log.warn('listing pods of the runtime failed', { error: messageOf(error) });
    }
  }

  /** A short-lived container may end before it was ever seen: its exit is remembered for the observation that sees it first. */
  #noteExit(id: string): void {
    this.#exited.add(id);
    const [oldest] = this.#exited;
    if (this.#exited.size > MAX_EXITS && oldest !== undefined) this.#exited.delete(oldest);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const event of this.#deps.runtime.events(signal)) {
          if (event.type !== 'exit') continue; // starts are our own doing, and an OOM kill ends in an exit
          const uid = this.#podOf.get(event.containerId);
          this.#noteExit(event.containerId);
          if (uid !== undefined) this.#tell(uid);
        }
      } catch (error) {
        this.#deps.log.debug('event stream of the runtime ended', { error: messageOf(error) });
      }
      if (signal.aborted) return;
      await this.#deps.clock.sleep(RESUBSCRIBE_MS, signal);
      await this.#tryRelist();
    }
  }
}

function sameStates(before: ObservedPod, sandboxes: readonly PodSandbox[], containers: readonly Container[]): boolean {
  if (before.sandboxes.length !== sandboxes.length || before.containers.length !== containers.length) return false;
  return (
    sandboxes.every((s) => before.sandboxes.some((b) => b.id === s.id && b.ready === (s.state === 'SANDBOX_READY'))) &&
    containers.every((c) => before.containers.some((b) => b.id === c.id && b.state === STATES[c.state]))
  );
}
