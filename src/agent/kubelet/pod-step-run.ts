// Does the steps of a pod's plans one after the other, and remembers what could not be started: why, for the status, and until when it waits.

import type { Pod } from '../../api/types/core-v1.gen.ts';
import type { WaitingReason } from './container-status.ts';
import type { PodContext } from './pod-context.ts';
import type { PodStep } from './pod-plan.ts';
import { runStep, type StepResult, type StepScene } from './pod-steps.ts';
import { earliest } from './pod-worker-rules.ts';

/** What the steps of one plan did. */
export interface StepsResult {
  /** Something changed in the runtime: plan again. */
  readonly progress: boolean;
  /** Try again after this time. */
  readonly retryMs: number | undefined;
}

/** The steps of one pod. */
export class PodStepRun {
  readonly #pod: () => Pod;
  readonly #context: PodContext;
  #waiting: ReadonlyMap<string, WaitingReason> = new Map();
  /** Containers that could not be started, by name: not tried again before their time, whatever else goes on in the pod. */
  readonly #held = new Map<string, { readonly untilMs: number; readonly waiting: WaitingReason }>();

  /** `pod` is asked before each step: it may have changed during the one before. */
  constructor(pod: () => Pod, context: PodContext) {
    this.#pod = pod;
    this.#context = context;
  }

  /** Why containers wait, by name. */
  get waiting(): ReadonlyMap<string, WaitingReason> {
    return this.#waiting;
  }

  /** Lets containers be tried at once. */
  release(): void {
    this.#held.clear();
  }

  /** Nothing waits any more: the pod ends. */
  forget(): void {
    this.#waiting = new Map();
  }

  /** Does the steps of a plan. @throws what a step cannot turn into a waiting reason */
  async run(steps: readonly PodStep[], scene: Omit<StepScene, 'pod'>): Promise<StepsResult> {
    const waiting = new Map<string, WaitingReason>();
    let progress = false;
    let retryMs: number | undefined;
    for (const step of steps) {
      const held = step.type === 'start-container' ? this.#heldBack(step.target.container.name) : undefined;
      if (held && 'target' in step) {
        waiting.set(step.target.container.name, held.waiting);
        retryMs = earliest(retryMs, held.leftMs);
        continue;
      }
      const result: StepResult = await runStep(step, { pod: this.#pod(), ...scene }, this.#context);
      progress ||= result.progress;
      retryMs = earliest(retryMs, result.retryMs);
      if (result.waiting && 'target' in step) waiting.set(step.target.container.name, result.waiting);
      if (step.type === 'start-container') this.#hold(step.target.container.name, result);
    }
    this.#waiting = waiting;
    return { progress, retryMs };
  }

  #hold(container: string, { waiting, retryMs }: StepResult): void {
    if (!waiting || retryMs === undefined) this.#held.delete(container);
    else this.#held.set(container, { untilMs: this.#context.clock.monotonic() + retryMs, waiting });
  }

  #heldBack(container: string): { readonly leftMs: number; readonly waiting: WaitingReason } | undefined {
    const held = this.#held.get(container);
    const leftMs = held ? held.untilMs - this.#context.clock.monotonic() : 0;
    return held && leftMs > 0 ? { leftMs, waiting: held.waiting } : undefined;
  }
}
