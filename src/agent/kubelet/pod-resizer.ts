// Brings the containers of one pod to the resources it wishes, in place where that is possible (KEP-1287): asks whether the node has
// them, changes the pod's cgroup and each container, and says how far it is.

import { parseQuantity } from '../../api/quantity.ts';
import type { Pod, PodCondition, ResourceRequirements } from '../../api/types/core-v1.gen.ts';
import { messageOf } from '../../base/errors.ts';
import { linuxResources } from './container-resources.ts';
import { stopContainer } from './container-stop.ts';
import { kubeletError } from './errors.ts';
import { instancesOf, type ObservedContainer, type ObservedPod } from './observed-pod.ts';
import { type PodContainer, podContainers } from './pod-containers.ts';
import type { PodContext } from './pod-context.ts';
import {
  changedResources,
  greaterSizes,
  needsRestart,
  recordedSizes,
  type Sizes,
  sizesDiffer,
  wishedSizes,
  withSizes,
} from './pod-sizes.ts';

/** A wish that could not be granted, or a change that failed, is tried again after this time. */
const RETRY_MS = 10_000;

/** The state of a resize in the pod's conditions. */
export type ResizeCondition = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;

/** The sizes of one pod. */
export class PodResizer {
  readonly #context: PodContext;
  #allocated: Sizes | undefined;
  /** By container id. As many as the runtime has of the pod. */
  readonly #actual = new Map<string, ResourceRequirements>();
  #condition: ResizeCondition | undefined;

  constructor(context: PodContext) {
    this.#context = context;
  }

  /** The pod with the sizes it may use. */
  allocated(pod: Pod): Pod {
    this.#allocated ??= recordedSizes(pod);
    return withSizes(pod, this.#allocated);
  }

  /** What a container has now. */
  actual(containerId: string): ResourceRequirements | undefined {
    return this.#actual.get(containerId);
  }

  /** Where the resize stands; none = nothing to do. */
  get conditions(): readonly ResizeCondition[] {
    return this.#condition ? [this.#condition] : [];
  }

  /** One step towards the wish. `stopped`: a container was ended to start anew with its size. Rejects only when aborted. */
  async advance(pod: Pod, observed: ObservedPod, signal: AbortSignal): Promise<{ readonly stopped: boolean; readonly retryMs?: number }> {
    this.#notice(pod, observed);
    const wished = wishedSizes(pod);
    if (sizesDiffer(wished, this.#allocated ?? wished)) {
      const refusal = await this.#context.refuseResize(pod);
      if (refusal) return this.#pending(pod, refusal);
      this.#context.recorder.event(pod, 'Normal', 'ResizeStarted', 'Pod resize started');
    }
    const before = this.#allocated ?? wished;
    this.#allocated = wished;
    const changes = this.#changes(pod, observed);
    if (changes.length === 0 && !sizesDiffer(before, wished)) {
      this.#condition = undefined;
      return { stopped: false };
    }
    try {
      return await this.#change(pod, changes, { before, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      const message = messageOf(error);
      this.#condition = { type: 'PodResizeInProgress', status: 'True', reason: 'Error', message };
      this.#context.recorder.event(pod, 'Warning', 'ResizeError', message);
      return { stopped: false, retryMs: RETRY_MS };
    }
  }

  #pending(pod: Pod, { reason, message }: { reason: string; message: string }): { stopped: boolean; retryMs: number } {
    if (this.#condition?.message !== message) this.#context.recorder.event(pod, 'Warning', `Resize${reason}`, message);
    this.#condition = { type: 'PodResizePending', status: 'True', reason, message };
    return { stopped: false, retryMs: RETRY_MS };
  }

  /** Containers that are new here were made with what is allocated. */
  #notice(pod: Pod, { containers }: ObservedPod): void {
    this.#allocated ??= recordedSizes(pod);
    const sizes = this.#allocated;
    for (const { id, name } of containers) if (!this.#actual.has(id)) this.#actual.set(id, sizes.get(name) ?? {});
    for (const id of this.#actual.keys()) if (!containers.some((c) => c.id === id)) this.#actual.delete(id);
  }

  #changes(pod: Pod, observed: ObservedPod): readonly { target: PodContainer; instance: ObservedContainer }[] {
    return podContainers(pod).flatMap((target) => {
      const instance = instancesOf(observed, target.container.name)[0];
      if (instance?.state !== 'running' || target.kind === 'ephemeral') return [];
      return changedResources(this.#actual.get(instance.id), target.container.resources).length > 0 ? [{ target, instance }] : [];
    });
  }

  async #change(
    pod: Pod,
    changes: readonly { target: PodContainer; instance: ObservedContainer }[],
    { before, signal }: { before: Sizes; signal: AbortSignal },
  ): Promise<{ stopped: boolean }> {
    const { cgroups, recorder } = this.#context;
    // The pod's own limits give way first and close in last, so that every state on the way fits.
    await cgroups.ensure(withSizes(pod, greaterSizes(before, wishedSizes(pod))));
    let stopped = false;
    for (const change of changes) stopped = (await this.#changeOne(pod, change, signal)) || stopped;
    await cgroups.ensure(pod);
    this.#condition = undefined;
    recorder.event(pod, 'Normal', 'ResizeCompleted', 'Pod resize completed');
    return { stopped };
  }

  /** @returns whether the container was stopped. */
  async #changeOne(pod: Pod, change: { target: PodContainer; instance: ObservedContainer }, signal: AbortSignal): Promise<boolean> {
    const { target, instance } = change;
    const { container } = target;
    if (needsRestart(container, changedResources(this.#actual.get(instance.id), container.resources))) {
      const message = `Container ${container.name} resize requires restart`;
      const graceSeconds = pod.spec.terminationGracePeriodSeconds ?? 30;
      await stopContainer({ pod, target, instance, message, graceSeconds, signal }, this.#context);
      return true;
    }
    const resources = linuxResources(pod, container, this.#context.node);
    await this.#demandRoom(instance, container.resources?.limits?.['memory']);
    await this.#context.runtime.updateContainerResources(instance.id, resources, { signal });
    this.#actual.set(instance.id, container.resources ?? {});
    return false;
  }

  /** A limit below what is in use would kill the container. */
  async #demandRoom({ id, name }: ObservedContainer, limit: string | undefined): Promise<void> {
    if (limit === undefined) return;
    const used = (await this.#context.runtime.containerStats(id))?.memory?.workingSetBytes?.value;
    const bytes = parseQuantity(limit).value();
    if (used === undefined || Number(used) < bytes) return;
    throw kubeletError('kubelet-resize', `memory limit of container ${name} (${bytes}) is below its current usage (${used})`);
  }
}
