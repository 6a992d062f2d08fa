// Counts what match conditions of webhooks and policies say, under upstream's metric names.
// https://kubernetes.io/docs/reference/instrumentation/metrics/

import type { Operation } from './admission.ts';
import { CounterSeries, HistogramSeries } from './metric-series.ts';

/** Whose conditions: upstream calls those of all policies `validate`. */
export interface ConditionOwner {
  /** Of the webhook or policy. */
  readonly name: string;
  readonly kind: 'webhook' | 'policy';
  readonly type: 'admit' | 'validating' | 'validate';
  readonly operation: Operation;
}

const PREFIX = 'apiserver_admission_match_condition';
/** Upper bounds of the duration histogram in seconds: upstream's. */
const BOUNDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

/** The counters of one server. */
export class ConditionMetrics {
  readonly #errors = new CounterSeries(`${PREFIX}_evaluation_errors_total`, 'Match conditions that failed.');
  readonly #exclusions = new CounterSeries(
    `${PREFIX}_exclusions_total`,
    'Requests that webhooks were not asked about by their match conditions.',
  );
  readonly #durations = new HistogramSeries(`${PREFIX}_evaluation_seconds`, 'Time that all match conditions of one took.', BOUNDS);

  /** Counts one that failed. */
  failed(owner: ConditionOwner): void {
    this.#errors.add({ ...owner });
  }

  /** Counts one request that a webhook is not asked about. */
  excluded({ name, type, operation }: ConditionOwner): void {
    // Here, and only here, upstream calls validating webhooks so.
    this.#exclusions.add({ name, kind: 'webhook', type: type === 'admit' ? type : 'validate', operation });
  }

  /** Counts an evaluation of all. */
  observe(owner: ConditionOwner, seconds: number): void {
    this.#durations.observe({ ...owner }, seconds);
  }

  /** Lines of the text exposition. */
  lines(): string[] {
    return [this.#errors, this.#exclusions, this.#durations].flatMap((series) => series.lines());
  }
}
