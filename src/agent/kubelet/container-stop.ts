// Ends one container: the Killing event, its preStop hook within the grace period, the stop signal, SIGKILL at the end.

import type { Pod } from '../../api/types/core-v1.gen.ts';
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
  readonly signal: AbortSignal;
}

/** After a preStop hook a container has at least this long, whatever the hook used up. */
const MIN_AFTER_HOOK_SECONDS = 2;

/** Stops the container; resolves when it has ended. */
export async function stopContainer(stop: ContainerStop, context: PodContext): Promise<void> {
  const { pod, target, instance, graceSeconds, signal } = stop;
  context.recorder.event({ object: pod, fieldPath: containerFieldPath(target) }, 'Normal', 'Killing', stop.message);
  let left = graceSeconds;
  if (graceSeconds > 0 && target.container.lifecycle?.preStop && instance.state === 'running') {
    const began = context.clock.monotonic();
    await preStop(stop, context);
    left = Math.max(MIN_AFTER_HOOK_SECONDS, Math.ceil(graceSeconds - (context.clock.monotonic() - began) / 1000));
  }
  await context.runtime.stopContainer(instance.id, left, { signal });
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
