// Counts what the expressions of admission policies say, under upstream's metric names.
// https://kubernetes.io/docs/reference/instrumentation/metrics/

import { CounterSeries, HistogramSeries, type Labels } from '../metric-series.ts';

/** What was done about a validation: let pass though it failed, or one of the actions of its binding. */
export type Enforcement = 'allow' | 'deny' | 'audit' | 'warn';

/** One expression's turn. */
export interface PolicyCheck {
  readonly policy: string;
  readonly binding: string;
  readonly seconds: number;
  /** What it says is wrong; undefined = nothing. */
  readonly message: string | undefined;
}

/** Upper bounds of the duration histograms in seconds: upstream's. */
const BOUNDS = [0.0000005, 0.001, 0.01, 0.1, 1];

/** The counters of one server. */
export class PolicyMetrics {
  readonly #validations = new CheckSeries('validating', 'Validations that had a consequence, by it.');
  readonly #mutations = new CheckSeries('mutating', 'Mutations that were tried.');

  /** Counts a validation that had a consequence. */
  validated(check: PolicyCheck, enforcement: Enforcement): void {
    this.#validations.observe(check, { enforcement_action: enforcement });
  }

  /** Counts a mutation. */
  mutated(check: PolicyCheck): void {
    this.#mutations.observe(check, {});
  }

  /** Lines of the text exposition. */
  lines(): string[] {
    return [this.#validations, this.#mutations].flatMap((series) => series.lines());
  }
}

class CheckSeries {
  readonly #checks: CounterSeries;
  readonly #durations: HistogramSeries;

  constructor(sort: 'validating' | 'mutating', help: string) {
    const prefix = `apiserver_${sort}_admission_policy_check`;
    this.#checks = new CounterSeries(`${prefix}_total`, help);
    this.#durations = new HistogramSeries(`${prefix}_duration_seconds`, 'Time that single expressions took.', BOUNDS);
  }

  observe({ policy, binding, seconds, message }: PolicyCheck, more: Labels): void {
    const labels = { ...more, error_type: errorType(message), policy, policy_binding: binding };
    this.#checks.add(labels);
    this.#durations.observe(labels, seconds);
  }

  lines(): string[] {
    return [...this.#checks.lines(), ...this.#durations.lines()];
  }
}

/** By how the message begins, as upstream tells them apart: what a validation simply refuses is `invalid_error` as well. */
function errorType(message: string | undefined): string {
  if (message === undefined) return 'no_error';
  if (message.startsWith('compilation')) return 'compile_error';
  return message.startsWith('validation failed due to running out of cost budget') ? 'out_of_budget' : 'invalid_error';
}
