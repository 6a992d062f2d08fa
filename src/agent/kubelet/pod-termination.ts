// Ends what runs of a pod within its grace period, in the documented order, and later removes what is left of it.

import type { Pod } from '../../api/types/core-v1.gen.ts';
import { stopContainer } from './container-stop.ts';
import { instancesOf, type ObservedPod } from './observed-pod.ts';
import type { PodContext } from './pod-context.ts';
import { logDirectories, removeLogs } from './pod-files.ts';
import { terminationOrder } from './pod-plan.ts';

/** Ends all containers, then the sandboxes. Idempotent. An abort leaves the rest for the next call. */
export async function terminatePod(
  pod: Pod,
  observed: ObservedPod,
  { graceSeconds, signal, context }: { graceSeconds: number; signal: AbortSignal; context: PodContext },
): Promise<void> {
  let turn: Promise<void> | undefined;
  for (const group of terminationOrder(pod)) {
    const stops = group.flatMap((target) => {
      const instance = instancesOf(observed, target.container.name).find((c) => c.state === 'running' || c.state === 'unknown');
      const message = `Stopping container ${target.container.name}`;
      return instance ? [stopContainer({ pod, target, instance, message, graceSeconds, signal, ...(turn && { turn }) }, context)] : [];
    });
    turn = allOf(turn ? [turn, ...stops] : stops);
  }
  await turn;
  await stopStrangers(pod, observed, signal, context);
  for (const sandbox of observed.sandboxes) await context.runtime.stopPodSandbox(sandbox.id, { signal });
}

/** Waits until all are settled, then fails as the first that failed: nothing goes on unseen. */
async function allOf(works: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Running containers that the spec does not know: of a spec before. */
async function stopStrangers(pod: Pod, observed: ObservedPod, signal: AbortSignal, context: PodContext): Promise<void> {
  const known = new Set(terminationOrder(pod).flatMap((group) => group.map((c) => c.container.name)));
  const strangers = observed.containers.filter((c) => c.state === 'running' && !known.has(c.name));
  await Promise.all(strangers.map((c) => context.runtime.stopContainer(c.id, 0, { signal })));
}

/** Removes sandboxes, containers, logs and what is remembered of a pod that is gone from the API. Idempotent. */
export async function removePod(uid: string, context: PodContext): Promise<void> {
  const observed = await context.view.observe(uid);
  for (const { id } of observed.sandboxes) {
    await context.runtime.stopPodSandbox(id);
    await context.runtime.removePodSandbox(id);
  }
  await context.view.observe(uid);
  await context.volumes.unmount(uid);
  await context.cgroups.remove(uid);
  const logs = (await logDirectories(context.paths)).get(uid);
  if (logs !== undefined) await removeLogs(context.paths, logs);
  context.restarts.forget(`${uid}/`);
  context.puller.forget(uid);
  context.statuses.forget(uid);
}

/** Ends and removes a pod that the runtime has and the API has not: its containers end with the grace they were made with. */
export async function removeOrphan(observed: ObservedPod, context: PodContext): Promise<void> {
  context.log.info('removing a pod that is not in the API', { pod: `${observed.namespace}/${observed.name}`, uid: observed.uid });
  const running = observed.containers.filter((c) => c.state === 'running');
  await Promise.all(running.map((c) => context.runtime.stopContainer(c.id, c.graceSeconds)));
  await removePod(observed.uid, context);
}
