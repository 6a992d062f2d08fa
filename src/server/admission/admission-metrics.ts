// The counters of admission: of webhooks, policies and the match conditions of both.

import type { Clock } from '../../base/clock.ts';
import { ConditionMetrics } from './condition-metrics.ts';
import { PolicyMetrics } from './policy/policy-metrics.ts';
import { WebhookMetrics } from './webhook/webhook-metrics.ts';

/** The counters of one server. */
export class AdmissionMetrics {
  readonly webhooks = new WebhookMetrics();
  readonly policies = new PolicyMetrics();
  readonly conditions = new ConditionMetrics();
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Begins to measure; the result tells the seconds since. */
  stopwatch(): () => number {
    const started = this.#clock.monotonic();
    return () => (this.#clock.monotonic() - started) / 1000;
  }

  /** The text exposition; empty while nothing was counted. */
  text(): string {
    const lines = [this.webhooks, this.policies, this.conditions].flatMap((part) => part.lines());
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }
}
