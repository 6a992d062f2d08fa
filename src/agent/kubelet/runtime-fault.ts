// Why the runtime cannot run pods, in the words of a node's Ready condition.

import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { RuntimeInfo } from '../../cri/runtime.ts';

/** Time for one answer. */
const TIMEOUT_MS = 10_000;
/** A runtime that has answered is down only when it has not for so long, as upstream: pods run on while it is started again. */
const DOWN_AFTER_MS = 30_000;

/** Asks the runtime how it is. */
export class RuntimeHealth {
  readonly #runtime: Pick<RuntimeInfo, 'status'>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor(deps: { readonly runtime: Pick<RuntimeInfo, 'status'>; readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#runtime = deps.runtime;
    this.#clock = deps.clock;
  }

  /** What is wrong; undefined when the runtime and its network are ready, or were a moment ago. */
  async fault(): Promise<string | undefined> {
    try {
      const { status } = await this.#runtime.status({ timeoutMs: TIMEOUT_MS });
      this.#answeredAt = this.#clock.monotonic();
      const bad = status?.conditions.find((c) => !c.status);
      if (!bad) return undefined;
      const what = bad.type === 'NetworkReady' ? 'container runtime network not ready' : 'container runtime not ready';
      return `${what}: ${bad.type}=false reason:${bad.reason} message:${bad.message}`;
    } catch (error) {
      if (this.#clock.monotonic() - this.#answeredAt < DOWN_AFTER_MS) return undefined;
      return `container runtime is down: ${messageOf(error)}`;
    }
  }
}
