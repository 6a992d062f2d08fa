// Counts what admission webhooks are asked and say, under upstream's metric names.
// https://kubernetes.io/docs/reference/instrumentation/metrics/ ; "Dynamic Admission Control", monitoring admission webhooks.

import type { Operation } from '../admission.ts';

/** Upper bounds of the duration histogram in seconds: upstream's. */
const BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25];
/** Series kept of each metric: webhooks times operations stay far below; names that come and go cannot grow it without end. */
const MAX_SERIES = 1_000;

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

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** The counters of one server. */
export class WebhookMetrics {
  readonly #requests = new Map<string, number>();
  readonly #rejections = new Map<string, number>();
  readonly #failedOpen = new Map<string, number>();
  readonly #durations = new Map<string, Histogram>();

  /** Counts one call. */
  observe({ name, type, operation, seconds, code, rejection, failedOpen }: WebhookOutcome): void {
    const rejected = rejection !== undefined;
    // Names of webhooks are DNS names: nothing in them has to be escaped.
    count(this.#requests, `code="${code}",name="${name}",operation="${operation}",rejected="${rejected}",type="${type}"`);
    measure(this.#durations, `name="${name}",operation="${operation}",rejected="${rejected}",type="${type}"`, seconds);
    if (failedOpen) count(this.#failedOpen, `name="${name}",type="${type}"`);
    if (!rejected) return;
    const rejectionCode = rejection === 'no_error' ? code : 0;
    const labels = `error_type="${rejection}",name="${name}",operation="${operation}",rejection_code="${rejectionCode}",type="${type}"`;
    count(this.#rejections, labels);
  }

  /** The text exposition; empty while no webhook was called. */
  text(): string {
    if (this.#requests.size === 0) return '';
    const prefix = 'apiserver_admission_webhook';
    return [
      ...counterLines(`${prefix}_request_total`, 'Calls of admission webhooks.', this.#requests),
      ...counterLines(`${prefix}_rejection_count`, 'Requests that admission webhooks, or their failures, refused.', this.#rejections),
      ...counterLines(`${prefix}_fail_open_count`, 'Calls that failed and were passed over.', this.#failedOpen),
      ...histogramLines(`${prefix}_admission_duration_seconds`, this.#durations),
      '',
    ].join('\n');
  }
}

function count(series: Map<string, number>, key: string): void {
  const before = series.get(key);
  if (before !== undefined || series.size < MAX_SERIES) series.set(key, (before ?? 0) + 1);
}

function measure(series: Map<string, Histogram>, key: string, seconds: number): void {
  const known = series.get(key);
  if (!known && series.size >= MAX_SERIES) return;
  const histogram = known ?? { counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
  series.set(key, histogram);
  histogram.sum += seconds;
  histogram.count++;
  const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
  if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
}

function counterLines(name: string, help: string, series: ReadonlyMap<string, number>): string[] {
  if (series.size === 0) return [];
  return [`# HELP ${name} ${help}`, `# TYPE ${name} counter`, ...[...series].map(([labels, value]) => `${name}{${labels}} ${value}`)];
}

function histogramLines(name: string, series: ReadonlyMap<string, Histogram>): string[] {
  const lines = [`# HELP ${name} Time that calls of admission webhooks took.`, `# TYPE ${name} histogram`];
  for (const [labels, { counts, sum, count: total }] of series) {
    let below = 0;
    for (const [index, bound] of BUCKETS.entries()) {
      below += counts[index] ?? 0;
      lines.push(`${name}_bucket{${labels},le="${bound}"} ${below}`);
    }
    lines.push(`${name}_bucket{${labels},le="+Inf"} ${total}`, `${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${total}`);
  }
  return lines;
}
