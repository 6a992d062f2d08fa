// Why the runtime cannot run pods, in the words of a node's Ready condition.

import { messageOf } from '../../base/errors.ts';
import type { RuntimeInfo } from '../../cri/runtime.ts';

/** A runtime that does not answer for so long is down. */
const TIMEOUT_MS = 10_000;

/** What is wrong; undefined when the runtime and its network are ready. */
export async function runtimeFault(runtime: Pick<RuntimeInfo, 'status'>): Promise<string | undefined> {
  try {
    const { status } = await runtime.status({ timeoutMs: TIMEOUT_MS });
    const bad = status?.conditions.find((c) => !c.status);
    if (!bad) return undefined;
    const what = bad.type === 'NetworkReady' ? 'container runtime network not ready' : 'container runtime not ready';
    return `${what}: ${bad.type}=false reason:${bad.reason} message:${bad.message}`;
  } catch (error) {
    return `container runtime is down: ${messageOf(error)}`;
  }
}
