// The scheduler: takes pods from the queue, runs a cycle for each, and writes what came of it. Cycles are synchronous and one at
// a time; writes run in the background, their outcome counted beforehand (assumed pods) and taken back when they fail.

import { hasReason } from '../../api/status-error.ts';
import type { Pod } from '../../api/types/core-v1.gen.ts';
import { type Clock, nextTurn } from '../../base/clock.ts';
import { type Component, TaskGroup } from '../../base/component.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { Client } from '../../client/client.ts';
import type { InformerFactory } from '../../client/informer.ts';
import type { EventRecorder } from '../../client/recorder.ts';
import { type CycleResult, runCycle } from './cycle.ts';
import { failureMessage } from './diagnosis.ts';
import { Nominator } from './nominator.ts';
import { claimNames } from './plugins/volume-binding.ts';
import type { PodInfo } from './pod-info.ts';
import { planPreemption } from './preemption.ts';
import { SCHEDULER_NAME } from './profile.ts';
import { type SchedulerInputs, stillWaiting, watchInputs } from './scheduler-inputs.ts';
import { bindPod, clearNomination, evictVictim, startVolumeStep, writeWaiting } from './scheduler-writes.ts';
import { type QueuedPod, SchedulingQueue } from './scheduling-queue.ts';
import { isFullyBound, planClaims } from './volume-plan.ts';

/** Bindings under way at the same time: enough to fill group commits, few enough to bound memory. */
const MAX_BINDINGS = 256;
/** After this long in one go the loop lets others run. */
const SLICE_MS = 5;
/** How often assumed pods are looked through. */
const EXPIRY_INTERVAL_MS = 60_000;
/** Longest wait for the claims of a placed pod to be bound. */
const VOLUME_TIMEOUT_MS = 600_000;
/** How often bound claims are looked for while waiting. */
const VOLUME_POLL_MS = 500;
/** The longest text of an event. */
const MAX_EVENT_MESSAGE = 1024;

/** What the scheduler needs: the same as a controller. */
export interface SchedulerDeps {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly recorder: (component: string) => EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
}

type Unschedulable = Extract<CycleResult, { kind: 'unschedulable' }>;

const shorten = (text: string): string => (text.length <= MAX_EVENT_MESSAGE ? text : `${text.slice(0, MAX_EVENT_MESSAGE - 4)} ...`);

/** The scheduler of pods whose schedulerName is `default-scheduler`. */
export class Scheduler implements Component {
  readonly name = 'scheduler';
  readonly #deps: SchedulerDeps;
  readonly #random: () => number;
  readonly #log: Logger;
  readonly #recorder: EventRecorder;
  readonly #tasks: TaskGroup;
  readonly #queue: SchedulingQueue;
  readonly #nominator = new Nominator();
  #inputs: SchedulerInputs | undefined;
  #wake: () => void = () => {};
  #bindings = 0;
  #startIndex = 0;

  /** `random` (0 ≤ n < 1) chooses among equally good nodes. */
  constructor(options: { readonly random?: () => number }, deps: SchedulerDeps) {
    this.#deps = deps;
    this.#random = options.random ?? Math.random;
    this.#log = deps.log.child('scheduler');
    this.#recorder = deps.recorder(SCHEDULER_NAME);
    this.#tasks = new TaskGroup(this.#log);
    this.#queue = new SchedulingQueue(() => this.#wake(), deps);
  }

  /** How many pods wait where. */
  get pending(): SchedulingQueue['counts'] {
    return this.#queue.counts;
  }

  async start(): Promise<void> {
    const onGated = (pod: Pod): void => this.#tellGated(pod);
    const inputs = watchInputs(this.#deps.informers, { queue: this.#queue, nominator: this.#nominator, onGated });
    this.#inputs = inputs;
    this.#tasks.run('schedule', async (signal) => {
      await inputs.synced(signal);
      // Informers tell of their first objects in microtasks: let them finish.
      await this.#deps.clock.sleep(0, signal);
      await this.#loop(inputs, signal);
    });
    this.#tasks.run('expire', async (signal) => {
      for (;;) {
        await this.#deps.clock.sleep(EXPIRY_INTERVAL_MS, signal);
        inputs.state.expireAssumed(this.#deps.clock.monotonic());
      }
    });
  }

  async stop(): Promise<void> {
    this.#inputs?.unsubscribe();
    this.#queue.stop();
    this.#wake();
    await this.#tasks.stop();
  }

  async #loop(inputs: SchedulerInputs, signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#wake(), { once: true });
    let sliceEnd = this.#deps.clock.monotonic() + SLICE_MS;
    while (!signal.aborted) {
      const item = this.#bindings < MAX_BINDINGS ? this.#queue.pop() : undefined;
      if (!item) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      this.#schedule(item, inputs);
      if (this.#deps.clock.monotonic() < sliceEnd) continue;
      await nextTurn();
      sliceEnd = this.#deps.clock.monotonic() + SLICE_MS;
    }
  }

  /** One pod: a bug in a plugin must not end the loop. */
  #schedule(item: QueuedPod, inputs: SchedulerInputs): void {
    try {
      const pod = stillWaiting(inputs.pods, item.info);
      if (pod) this.#runCycle(item, inputs);
    } catch (error) {
      this.#fail(item, inputs, error);
    }
  }

  #runCycle(item: QueuedPod, inputs: SchedulerInputs): void {
    const view = inputs.state;
    const result = runCycle(item.info, { view, nominated: this.#nominator.on, startIndex: this.#startIndex, random: this.#random });
    this.#startIndex = view.nodes.length === 0 ? 0 : (this.#startIndex + result.examined) % view.nodes.length;
    if (result.kind === 'fits') this.#place(item, result.node.name, inputs);
    else this.#makeRoom(item, result, inputs);
  }

  #place(item: QueuedPod, node: string, inputs: SchedulerInputs): void {
    const { info } = item;
    inputs.state.assume(info, node);
    const nomination = this.#nominator.nodeOf(info.uid);
    this.#nominator.delete(info.uid);
    // Waiting for volumes may take minutes and must not keep other pods from being placed.
    const slots = claimNames(info.pod).length === 0 ? 1 : 0;
    this.#bindings += slots;
    this.#tasks.run('bind', async (signal) => {
      try {
        await this.#bindVolumes(info, node, inputs, signal);
        await bindPod(info.pod, node, { ...this.#deps, signal });
        inputs.state.bound(info.uid, this.#deps.clock.monotonic());
        this.#recorder.event(info.pod, 'Normal', 'Scheduled', `Successfully assigned ${info.key} to ${node}`);
      } catch (error) {
        inputs.state.forget(info.uid);
        if (nomination !== undefined) this.#nominator.set(info, nomination);
        if (!signal.aborted) this.#fail(item, inputs, error);
      } finally {
        this.#bindings -= slots;
        this.#wake();
      }
    });
  }

  /** Starts what the pod's unbound claims need on the node and waits until all are bound. */
  async #bindVolumes(info: PodInfo, node: string, inputs: SchedulerInputs, signal: AbortSignal): Promise<void> {
    const names = claimNames(info.pod);
    if (names.length === 0) return;
    const { volumes } = inputs.state;
    const unbound = () => names.flatMap(({ name }) => volumes.claim(`${info.namespace}/${name}`) ?? []).filter((c) => !isFullyBound(c));
    const target = inputs.state.node(node)?.node;
    const steps = target ? (planClaims(unbound(), target, volumes) ?? []) : [];
    for (const step of steps) await startVolumeStep(step, node, { ...this.#deps, signal });
    const end = this.#deps.clock.monotonic() + VOLUME_TIMEOUT_MS;
    while (unbound().length > 0 && stillWaiting(inputs.pods, info)) {
      if (this.#deps.clock.monotonic() > end) throw new RangeError('binding volumes: context deadline exceeded');
      await this.#deps.clock.sleep(VOLUME_POLL_MS, signal);
    }
  }

  /** No node fits: looks for pods of lower priority that could go, and tells the pod. */
  #makeRoom(item: QueuedPod, result: Unschedulable, inputs: SchedulerInputs): void {
    const { info } = item;
    const { diagnosis, filters } = result;
    const context = { view: inputs.state, nominated: this.#nominator.on, diagnosis, filters, random: this.#random };
    const plan =
      diagnosis.totalNodes === 0
        ? ({ kind: 'none', message: '' } as const)
        : planPreemption(info, { ...context, budgets: inputs.budgets() });
    this.#queue.unschedulable(item, diagnosis.plugins);
    const message = failureMessage(diagnosis, plan.kind === 'evict' ? '' : plan.message);
    const nominatedNodeName = plan.kind === 'evict' ? plan.node.name : plan.kind === 'none' ? '' : undefined;
    if (nominatedNodeName !== undefined) this.#nominator.set(info, nominatedNodeName);
    this.#report(info, inputs, { reason: 'Unschedulable', message, nominatedNodeName });
    if (plan.kind === 'evict') this.#evict(info, plan.node.name, plan.victims);
  }

  #evict(info: PodInfo, node: string, victims: readonly PodInfo[]): void {
    const weaker = this.#nominator.on(node).filter((other) => other.priority < info.priority);
    this.#tasks.run('preempt', async (signal) => {
      const deps = { ...this.#deps, signal };
      await Promise.all(
        victims.map(async (victim) => {
          if (!victim.terminating) await evictVictim(victim, deps);
          this.#recorder.event(victim.pod, 'Normal', 'Preempted', `Preempted by pod ${info.uid} on node ${node}`);
        }),
      );
      for (const other of weaker) {
        this.#nominator.delete(other.uid);
        await clearNomination(other.pod, deps);
      }
    });
  }

  #tellGated(pod: Pod): void {
    const status = { reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' };
    this.#tasks.run('report', (signal) => writeWaiting(pod, status, { ...this.#deps, signal }));
  }

  #fail(item: QueuedPod, inputs: SchedulerInputs, error: unknown): void {
    const { info } = item;
    const pod = stillWaiting(inputs.pods, info);
    if (!pod || hasReason(error, 'NotFound')) return;
    this.#log.warn('scheduling failed', { pod: info.key, error });
    this.#queue.retryLater(item);
    this.#report(info, inputs, { reason: 'SchedulerError', message: messageOf(error) });
  }

  #report(
    info: PodInfo,
    inputs: SchedulerInputs,
    status: { reason: string; message: string; nominatedNodeName?: string | undefined },
  ): void {
    this.#recorder.event(info.pod, 'Warning', 'FailedScheduling', shorten(status.message));
    const pod: Pod = stillWaiting(inputs.pods, info) ?? info.pod;
    this.#tasks.run('report', (signal) => writeWaiting(pod, status, { ...this.#deps, signal }));
  }
}
