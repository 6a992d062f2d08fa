// Ends one container: the Killing event, its preStop hook within the grace period, the stop signal, SIGKILL at the end.

import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { runHook } from './lifecycle-hooks.ts';
import type { ObservedContainer } from './observed-pod.ts';
import { containerFieldPath, type PodContainer, podText } from './pod-containers.ts';
import type { PodContext } from './pod-context.ts';

/** What to stop. */
export interface ContainerStop {
  readonly pod: Pod;
  readonly target: PodContainer;
  readonly instance: ObservedContainer;
  /** Text of the event. */
  readonly message: string;
  /** 0 = at once, without the hook. */
  readonly graceSeconds: number;
  /** Those that end before this one, after whose end it gets its signal; its hook does not wait for them. */
  readonly turn?: Promise<unknown>;
  readonly signal: AbortSignal;
}

/** After its preStop hook and the wait for its turn a container has at least this long, whatever they used up. */
const MIN_SECONDS = 2;

/** Stops the container; resolves when it has ended. */
export async function stopContainer(stop: ContainerStop, context: PodContext): Promise<void> {
  const { pod, target, instance, graceSeconds, signal } = stop;
  context.recorder.event({ object: pod, fieldPath: containerFieldPath(target) }, 'Normal', 'Killing', stop.message);
  const began = context.clock.monotonic();
  const leftMs = (): number => graceSeconds * 1000 - (context.clock.monotonic() - began);
  const waits = target.container.lifecycle?.preStop !== undefined || stop.turn !== undefined;
  if (graceSeconds > 0 && instance.state === 'running') await preStop(stop, context);
  if (stop.turn) await within(stop.turn, Math.max(0, leftMs()), { clock: context.clock, signal });
  const left = waits ? Math.max(Math.min(MIN_SECONDS, graceSeconds), Math.ceil(leftMs() / 1000)) : graceSeconds;
  await context.runtime.stopContainer(instance.id, left, { signal });
}

/** Waits for `work`, but no longer than `ms`. */
async function within(work: Promise<unknown>, ms: number, deps: { readonly clock: Clock; readonly signal: AbortSignal }): Promise<void> {
  const done = new AbortController();
  const time = deps.clock.sleep(ms, AbortSignal.any([deps.signal, done.signal])).catch((error: unknown) => {
    if (deps.signal.aborted) throw error;
  });
  try {
    await Promise.race([work, time]);
  } finally {
    done.abort();
  }
}

async function preStop({ pod, target, instance, graceSeconds, signal }: ContainerStop, context: PodContext): Promise<void> {
  const hook = target.container.lifecycle?.preStop;
  if (!hook) return;
  const end = new AbortController();
  const onAbort = (): void => end.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = context.clock.after(graceSeconds * 1000, () => end.abort());
  try {
    const podIp = context.view.last(pod.metadata.uid ?? '')?.sandboxes[0]?.ips[0] ?? context.hostIPs()[0] ?? '127.0.0.1';
    await runHook(hook, { container: target.container, containerId: instance.id, podIp }, { ...context, signal: end.signal });
  } catch (error) {
    if (signal.aborted) throw error;
    context.log.debug('preStop hook failed', { pod: podText(pod), container: target.container.name, error: messageOf(error) });
    context.recorder.event({ object: pod, fieldPath: containerFieldPath(target) }, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
  }
}
