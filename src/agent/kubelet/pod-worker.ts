// Brings one pod to what is desired: looks, plans, does the steps, reports; again whenever something changed. A pod's life here goes
// one way: alive, ending (nothing starts any more), ended, removed.

import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { Timer } from '../../base/clock.ts';
import { KtsError, messageOf } from '../../base/errors.ts';
import { isAnythingRunning, type ObservedPod, readySandbox } from './observed-pod.ts';
import { podText } from './pod-containers.ts';
import type { PodContext } from './pod-context.ts';
import { DEADLINE_EXCEEDED, deadlineLeftMs, graceSecondsOf, type PodEnd } from './pod-end.ts';
import { collectGarbage } from './pod-garbage.ts';
import { isOver, planPod } from './pod-plan.ts';
import { PodResizer } from './pod-resizer.ts';
import { podStatus } from './pod-status.ts';
import { PodStepRun } from './pod-step-run.ts';
import { restartKey } from './pod-steps.ts';
import { removePod, terminatePod } from './pod-termination.ts';
import { earliest, endsSooner, isNews, mergedConditions, probeTargets } from './pod-worker-rules.ts';
import type { MountedVolume, ProbeState } from './ports.ts';

type Stage = 'alive' | 'ending' | 'ended' | 'removed';

/** Retries of a pod that cannot be brought on. */
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 10_000;
/** Plans in one go: a pod's steps come in a handful of rounds; more is a loop that must not spin. */
const MAX_ROUNDS = 64;

/** The worker of one pod uid. */
export class PodWorker {
  readonly uid: string;
  readonly #context: PodContext;
  readonly #seenMs: number;
  readonly #onRemoved: () => void;
  #pod: Pod;
  #stage: Stage = 'alive';
  #deleted = false;
  #end: PodEnd | undefined;
  #admitted = false;
  #failures = 0;
  #timer: Timer | undefined;
  #dirty = false;
  #running: Promise<void> | undefined;
  #sync = new AbortController();
  #stopped = false;
  readonly #resizer: PodResizer;
  readonly #steps: PodStepRun;

  constructor(pod: Pod, context: PodContext, onRemoved: () => void) {
    this.#pod = pod;
    this.uid = pod.metadata.uid ?? '';
    this.#context = context;
    this.#seenMs = context.clock.now();
    this.#onRemoved = onRemoved;
    this.#resizer = new PodResizer(context);
    this.#steps = new PodStepRun(() => this.allocated, context);
  }

  /** The pod with its newest status. */
  get pod(): Pod {
    const status = this.#context.statuses.get(this.uid);
    return status ? { ...this.#pod, status } : this.#pod;
  }

  /** The pod with the resources it was given, which are not always those it wishes. */
  get allocated(): Pod {
    return this.#resizer.allocated(this.#pod);
  }

  /** Whether it still counts against the node's resources. */
  get isActive(): boolean {
    const { phase } = this.#pod.status ?? {};
    return (this.#stage === 'alive' || this.#stage === 'ending') && phase !== 'Succeeded' && phase !== 'Failed';
  }

  /** A new version of the pod. */
  update(pod: Pod): void {
    const before = this.#pod;
    this.#pod = pod;
    if (endsSooner(before, pod)) this.#sync.abort();
    if (isNews(before, pod)) {
      this.#steps.release(); // what was wrong may be right now
      this.wake();
    } else this.#context.statuses.reconcile(pod);
  }

  /** The API has the pod no more. */
  remove(last: Pod): void {
    this.#deleted = true;
    if (endsSooner(this.#pod, last) || !this.#pod.metadata.deletionTimestamp) this.#sync.abort();
    this.#pod = last;
    this.wake();
  }

  /** Ends the pod for a reason of the node's (eviction). */
  end(end: PodEnd): void {
    this.#end ??= end;
    this.#sync.abort();
    this.wake();
  }

  /** Look again, soon. */
  wake(): void {
    this.#dirty = true;
    this.#timer?.cancel();
    if (this.#running || this.#stopped) return;
    this.#running = this.#loop().finally(() => {
      this.#running = undefined;
    });
  }

  /** Stops working on the pod; it runs on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#sync.abort();
    await this.#running;
  }

  async #loop(): Promise<void> {
    await Promise.resolve(); // changes of one moment are one round
    while (this.#dirty && !this.#stopped && this.#stage !== 'removed') {
      this.#dirty = false;
      const againMs = await this.#once();
      if (againMs !== undefined && !this.#dirty && !this.#stopped) this.#timer = this.#context.clock.after(againMs, () => this.wake());
    }
  }

  /** One round; never rejects. Returns when to come again. */
  async #once(): Promise<number | undefined> {
    this.#sync = new AbortController();
    try {
      const againMs = await this.#reconcile(this.#sync.signal);
      this.#failures = 0;
      return againMs;
    } catch (error) {
      if (this.#sync.signal.aborted) {
        this.#dirty = true;
        return undefined;
      }
      const delay = Math.min(RETRY_MIN_MS * 2 ** this.#failures++, RETRY_MAX_MS);
      this.#context.log.warn('a pod cannot be brought on', { pod: podText(this.#pod), error: messageOf(error), retryMs: delay });
      return delay;
    }
  }

  async #reconcile(signal: AbortSignal): Promise<number | undefined> {
    if (this.#stage === 'alive' && !this.#shouldEnd()) return this.#live(signal);
    if (this.#stage === 'alive') this.#stage = 'ending';
    if (this.#stage === 'ending') await this.#terminate(signal);
    if (this.#deleted) await this.#remove();
    else if (this.#pod.metadata.deletionTimestamp) await this.#acknowledge(signal);
    return undefined;
  }

  #shouldEnd(): boolean {
    const { phase } = this.#pod.status ?? {};
    return (
      this.#deleted ||
      this.#end !== undefined ||
      this.#pod.metadata.deletionTimestamp !== undefined ||
      phase === 'Succeeded' ||
      phase === 'Failed'
    );
  }

  async #live(signal: AbortSignal): Promise<number | undefined> {
    const { view } = this.#context;
    let observed = await view.observe(this.uid, signal);
    if (!(await this.#admit(observed))) return this.#reconcile(signal);
    const resize = await this.#resizer.advance(this.#pod, observed, signal);
    if (resize.stopped) observed = await view.observe(this.uid, signal);
    let volumes: ReadonlyMap<string, MountedVolume> | undefined;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.#look(observed);
      const left = deadlineLeftMs(this.#pod, { seenMs: this.#seenMs, nowMs: this.#context.clock.now() });
      if (left !== undefined && left <= 0) this.#end = DEADLINE_EXCEEDED;
      if (this.#end || isOver(this.#pod, observed)) {
        this.#stage = 'ending';
        return this.#reconcile(signal);
      }
      const plan = planPod(this.allocated, observed, this.#facts(observed));
      this.#report(observed);
      // Also when there is nothing to do: what the volumes show of the pod may have changed, and after a restart of kts they are to be followed.
      if (plan.steps.length > 0 || readySandbox(observed)) volumes ??= await this.#mount(signal);
      const results = await this.#steps.run(plan.steps, { observed, volumes: volumes ?? new Map(), signal });
      observed = await view.observe(this.uid, signal);
      if (results.progress) continue;
      this.#report(observed);
      await collectGarbage(this.#pod, observed, this.#context);
      return earliest(plan.againInMs, results.retryMs, resize.retryMs, left);
    }
    return RETRY_MAX_MS;
  }

  async #admit(observed: ObservedPod): Promise<boolean> {
    if (this.#admitted || observed.sandboxes.length > 0) return true;
    const refusal = await this.#context.admit(this.#pod);
    this.#admitted = true;
    if (!refusal) return true;
    this.#context.recorder.event(this.#pod, 'Warning', refusal.reason, refusal.message.replace(/^Pod was rejected: /, ''));
    this.#end = { ...refusal, rejected: true };
    return false;
  }

  async #mount(signal: AbortSignal): Promise<ReadonlyMap<string, MountedVolume>> {
    try {
      return await this.#context.volumes.mount(this.#pod, signal);
    } catch (error) {
      if (!signal.aborted) {
        const volume = error instanceof KtsError ? String(error.fields['volume'] ?? '') : '';
        const message = `MountVolume.SetUp failed for volume "${volume}" : ${messageOf(error)}`;
        this.#context.recorder.event(this.#pod, 'Warning', 'FailedMount', message);
      }
      throw error;
    }
  }

  /** Tells the probes which containers run. */
  #look(observed: ObservedPod): void {
    const ip = this.#pod.spec.hostNetwork ? this.#context.hostIPs()[0] : readySandbox(observed)?.ips[0];
    this.#context.probes.sync(this.#pod, ip ?? '', probeTargets(this.#pod, observed), { terminating: this.#stage !== 'alive' });
  }

  #facts(observed: ObservedPod) {
    const { clock, restarts } = this.#context;
    return {
      nowMs: clock.now(),
      backoffMs: (name: string, failedMs: number) => restarts.delay(restartKey(this.#pod, name), failedMs),
      probe: (name: string) => this.#probe(observed, name),
    };
  }

  #probe(observed: ObservedPod, name: string): ProbeState | undefined {
    const target = probeTargets(this.#pod, observed).find((t) => t.containerName === name);
    return target && this.#context.probes.state(this.#pod, target);
  }

  #report(observed: ObservedPod): void {
    const { clock, statuses } = this.#context;
    const known = statuses.get(this.uid);
    // What was decided before and is not in the API yet counts: start time, phase, transition times.
    const pod = known
      ? { ...this.allocated, status: { ...this.#pod.status, ...known, conditions: mergedConditions(this.#pod, known.conditions) } }
      : this.allocated;
    const status = podStatus(pod, observed, {
      nowMs: clock.now(),
      startTimeMs: this.#seenMs,
      hostIPs: this.#context.hostIPs(),
      waiting: this.#steps.waiting,
      probe: (name) => (this.#stage === 'ended' ? undefined : this.#probe(observed, name)),
      terminal: this.#stage !== 'alive',
      resources: (id) => this.#resizer.actual(id),
      resize: this.#stage === 'alive' ? this.#resizer.conditions : [],
      ...(this.#end && this.#stage === 'ended' && { ended: this.#end }),
    });
    statuses.set(this.#pod, status);
  }

  async #terminate(signal: AbortSignal): Promise<void> {
    const context = this.#context;
    let observed = await context.view.observe(this.uid, signal);
    this.#look(observed);
    this.#steps.forget();
    const running = isAnythingRunning(observed);
    // What the API already has of a pod that ended is the better record: its files may be gone.
    const isSettled = this.#deleted || (!running && ['Succeeded', 'Failed'].includes(this.#pod.status?.phase ?? ''));
    if (running && !isSettled) this.#report(observed);
    if (running && this.#end === DEADLINE_EXCEEDED)
      context.recorder.event(this.#pod, 'Normal', DEADLINE_EXCEEDED.reason, DEADLINE_EXCEEDED.message);
    await terminatePod(this.#pod, observed, { graceSeconds: graceSecondsOf(this.#pod, this.#end), signal, context });
    observed = await context.view.observe(this.uid, signal);
    if (isAnythingRunning(observed)) throw new KtsError('kubelet-ending', 'containers still run after they were stopped');
    context.probes.remove(this.uid);
    this.#stage = 'ended';
    if (!isSettled) this.#report(observed);
    await context.volumes.unmount(this.uid);
    await context.cgroups.remove(this.uid);
  }

  /** All is gone: the API may forget the pod. */
  async #acknowledge(signal: AbortSignal): Promise<void> {
    await this.#context.statuses.delivered(this.uid, signal);
    await this.#context.objects.deletePod(this.#pod);
  }

  async #remove(): Promise<void> {
    await removePod(this.uid, this.#context);
    this.#stage = 'removed';
    this.#onRemoved();
  }
}
