// Counts what admission webhooks are asked and say, under upstream's metric names.
// https://kubernetes.io/docs/reference/instrumentation/metrics/ ; "Dynamic Admission Control", monitoring admission webhooks.

import type { Operation } from '../admission.ts';
import { CounterSeries, HistogramSeries } from '../metric-series.ts';

/** Upper bounds of the duration histogram in seconds: upstream's. */
const BOUNDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25];
/** Codes above are told as this one. */
const MAX_CODE = 600;

/** How one call ended. */
export interface WebhookOutcome {
  readonly name: string;
  /** `admit` for mutating webhooks. */
  readonly type: 'admit' | 'validating';
  readonly operation: Operation;
  readonly seconds: number;
  /** HTTP code of the refusal or failure; 200 when there was none. */
  readonly code: number;
  /** Why the request was refused; undefined when it was not. */
  readonly rejection: 'no_error' | 'calling_webhook_error' | 'apiserver_internal_error' | undefined;
  /** The call failed and the request went on. */
  readonly failedOpen: boolean;
}

const PREFIX = 'apiserver_admission_webhook';

/** The counters of one server. */
export class WebhookMetrics {
  readonly #requests = new CounterSeries(`${PREFIX}_request_total`, 'Calls of admission webhooks.');
  readonly #rejections = new CounterSeries(`${PREFIX}_rejection_count`, 'Requests that admission webhooks, or their failures, refused.');
  readonly #failedOpen = new CounterSeries(`${PREFIX}_fail_open_count`, 'Calls that failed and were passed over.');
  readonly #durations = new HistogramSeries(`${PREFIX}_admission_duration_seconds`, 'Time that calls of admission webhooks took.', BOUNDS);

  /** Counts one call. */
  observe({ name, type, operation, seconds, code: said, rejection, failedOpen }: WebhookOutcome): void {
    const rejected = rejection !== undefined;
    const code = Math.min(said, MAX_CODE);
    this.#requests.add({ code, name, operation, rejected, type });
    this.#durations.observe({ name, operation, rejected, type }, seconds);
    if (failedOpen) this.#failedOpen.add({ name, type });
    if (!rejected) return;
    const rejection_code = rejection === 'no_error' ? code : 0;
    this.#rejections.add({ error_type: rejection, name, operation, rejection_code, type });
  }

  /** Lines of the text exposition. */
  lines(): string[] {
    return [this.#requests, this.#rejections, this.#failedOpen, this.#durations].flatMap((series) => series.lines());
  }
}
