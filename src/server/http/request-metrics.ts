// Counts requests under upstream's metric names. Counting is cheap and always on; the library that formats the process's own metrics
// loads when /metrics is first read.

import type { Exchange } from './exchange.ts';
import type { Route } from './routes.ts';

/** Upper bounds of the duration histogram in seconds, upstream's thinned out. */
const BUCKETS = [0.005, 0.025, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 20, 30, 60];
/** Series kept: resources x verbs x codes of a real cluster stay far below; what comes from strangers cannot grow it. */
const MAX_SERIES = 4_000;

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

const label = (name: string, value: string): string => `${name}="${value.replaceAll(/[\\"\n]/g, '_')}"`;

/** Counts the requests that are being worked on, reads and writes apart. */
export class InFlight {
  readonly #running = { readonly: 0, mutating: 0 };

  /** One more; returns how it leaves. */
  enter(kind: 'readonly' | 'mutating'): () => void {
    this.#running[kind]++;
    return () => {
      this.#running[kind]--;
    };
  }

  /** How many there are. */
  get running(): { readonly readonly: number; readonly mutating: number } {
    return this.#running;
  }
}

/** The counters of one server. */
export class RequestMetrics {
  readonly #totals = new Map<string, number>();
  readonly #durations = new Map<string, Histogram>();
  readonly inFlight = new InFlight();

  /** Counts one request that is over. `known` = the resource is served. */
  readonly observe = (exchange: Exchange, durationMs: number, known: boolean): void => {
    const { info } = exchange;
    const place = known && info.isResource ? info : { group: '', version: '', resource: '', subresource: '' };
    const labels = [
      label('verb', info.isResource ? info.verb.toUpperCase() : exchange.method),
      label('group', place.group),
      label('version', place.version),
      label('resource', place.resource),
      label('subresource', place.subresource),
      label('scope', info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster'),
    ].join(',');
    this.#count(`${labels},${label('code', String(exchange.response.statusCode))}`);
    this.#measure(labels, durationMs / 1000);
  };

  #count(key: string): void {
    const before = this.#totals.get(key);
    if (before === undefined && this.#totals.size >= MAX_SERIES) return;
    this.#totals.set(key, (before ?? 0) + 1);
  }

  #measure(key: string, seconds: number): void {
    let histogram = this.#durations.get(key);
    if (!histogram) {
      if (this.#durations.size >= MAX_SERIES) return;
      histogram = { counts: BUCKETS.map(() => 0), sum: 0, count: 0 };
      this.#durations.set(key, histogram);
    }
    histogram.sum += seconds;
    histogram.count++;
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
  }

  /** The text exposition of the counters. */
  text(): string {
    const lines = ['# HELP apiserver_request_total Requests by verb, resource and code.', '# TYPE apiserver_request_total counter'];
    for (const [key, value] of this.#totals) lines.push(`apiserver_request_total{${key}} ${value}`);
    lines.push(
      '# HELP apiserver_request_duration_seconds Time to the end of the answer.',
      '# TYPE apiserver_request_duration_seconds histogram',
    );
    for (const [key, histogram] of this.#durations) lines.push(...histogramLines('apiserver_request_duration_seconds', key, histogram));
    const inFlight = this.inFlight.running;
    lines.push('# HELP apiserver_current_inflight_requests Requests being worked on.', '# TYPE apiserver_current_inflight_requests gauge');
    lines.push(`apiserver_current_inflight_requests{request_kind="readOnly"} ${inFlight.readonly}`);
    lines.push(`apiserver_current_inflight_requests{request_kind="mutating"} ${inFlight.mutating}`);
    return `${lines.join('\n')}\n`;
  }
}

function histogramLines(name: string, key: string, histogram: Histogram): string[] {
  let sum = 0;
  const buckets = BUCKETS.map((bound, index) => {
    sum += histogram.counts[index] ?? 0;
    return `${name}_bucket{${key},le="${bound}"} ${sum}`;
  });
  return [
    ...buckets,
    `${name}_bucket{${key},le="+Inf"} ${histogram.count}`,
    `${name}_sum{${key}} ${histogram.sum}`,
    `${name}_count{${key}} ${histogram.count}`,
  ];
}

/** Text of further metrics of the process. */
export type MetricsSource = () => Promise<string> | string;

/** The route /metrics: the request counters, the Node process, and what other parts add. */
export function metricsRoute(metrics: RequestMetrics, sources: readonly MetricsSource[]): Route {
  let processText: MetricsSource | undefined;
  return {
    path: '/metrics',
    async handle(exchange) {
      processText ??= await processMetrics();
      const texts = await Promise.all([processText, ...sources].map((source) => source()));
      exchange.send(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, metrics.text() + texts.join('\n'));
    },
  };
}

async function processMetrics(): Promise<MetricsSource> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return () => registry.metrics();
}
