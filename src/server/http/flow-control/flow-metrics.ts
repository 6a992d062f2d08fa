// What flow control counts, under upstream's metric names.

import type { SeatLimits } from './seat-plan.ts';

/** Upper bounds of the histograms of waiting and running, seconds. */
const BUCKETS = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];
/** Pairs of level and schema that are kept; more than a cluster has, should somebody make and delete them without end. */
const MAX_SERIES = 500;

/** Why a request was turned away: upstream's words. */
export type RejectReason = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

/** The two names a request is counted under. */
export interface FlowNames {
  readonly level: string;
  readonly schema: string;
}

/** A level as it is now. */
export interface LevelState {
  readonly name: string;
  readonly limits: SeatLimits;
  readonly running: number;
  /** Seats of those that run. */
  readonly taken: number;
  readonly waiting: number;
}

interface Series {
  readonly names: FlowNames;
  dispatched: number;
  readonly rejected: Map<RejectReason, number>;
  readonly waits: Histogram;
  readonly runs: Histogram;
}

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

const histogram = (): Histogram => ({ counts: BUCKETS.map(() => 0), sum: 0, count: 0 });

function observe(into: Histogram, seconds: number): void {
  into.sum += seconds;
  into.count++;
  const bucket = BUCKETS.findIndex((bound) => seconds <= bound);
  if (bucket >= 0) into.counts[bucket] = (into.counts[bucket] ?? 0) + 1;
}

/** The counters. */
export class FlowMetrics {
  readonly #series = new Map<string, Series>();

  /** A request that waited so long began to run. */
  started(names: FlowNames, waitedMs: number): void {
    const series = this.#of(names);
    if (!series) return;
    series.dispatched++;
    observe(series.waits, waitedMs / 1000);
  }

  /** It ran so long. */
  finished(names: FlowNames, ranMs: number): void {
    const series = this.#of(names);
    if (series) observe(series.runs, ranMs / 1000);
  }

  /** A request was turned away. */
  rejected(names: FlowNames, reason: RejectReason): void {
    const rejected = this.#of(names)?.rejected;
    rejected?.set(reason, (rejected.get(reason) ?? 0) + 1);
  }

  #of(names: FlowNames): Series | undefined {
    const key = `${names.level}\0${names.schema}`;
    const known = this.#series.get(key);
    if (known || this.#series.size >= MAX_SERIES) return known;
    const series: Series = { names, dispatched: 0, rejected: new Map(), waits: histogram(), runs: histogram() };
    this.#series.set(key, series);
    return series;
  }

  /** The text exposition of the counters and of the levels as they are now. */
  text(levels: readonly LevelState[]): string {
    const all = [...this.#series.values()];
    const lines = [
      ...family('dispatched_requests_total', 'counter', 'Requests that were let run.'),
      ...all.map((series) => `${PREFIX}dispatched_requests_total{${labels(series.names)}} ${series.dispatched}`),
      ...family('rejected_requests_total', 'counter', 'Requests that were turned away.'),
      ...all.flatMap(({ names, rejected }) =>
        [...rejected].map(([reason, count]) => `${PREFIX}rejected_requests_total{${labels(names)},reason="${reason}"} ${count}`),
      ),
      ...family('request_wait_duration_seconds', 'histogram', 'Time in a queue before running.'),
      ...all.flatMap((series) => histogramLines('request_wait_duration_seconds', `${labels(series.names)},execute="true"`, series.waits)),
      ...family('request_execution_seconds', 'histogram', 'Time of running.'),
      ...all.flatMap((series) => histogramLines('request_execution_seconds', `${labels(series.names)},type="regular"`, series.runs)),
      ...GAUGES.flatMap(({ name, help, value }) => [
        ...family(name, 'gauge', help),
        ...levels.map((level) => `${PREFIX}${name}{priority_level="${level.name}"} ${value(level)}`),
      ]),
    ];
    return `${lines.join('\n')}\n`;
  }
}

const PREFIX = 'apiserver_flowcontrol_';

interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly value: (level: LevelState) => number;
}

const GAUGES: readonly Gauge[] = [
  { name: 'current_inqueue_requests', help: 'Requests that wait.', value: (level) => level.waiting },
  { name: 'current_executing_requests', help: 'Requests that run.', value: (level) => level.running },
  { name: 'current_executing_seats', help: 'Seats in use.', value: (level) => level.taken },
  { name: 'nominal_limit_seats', help: 'The share of a level.', value: (level) => level.limits.nominal },
  { name: 'lower_limit_seats', help: 'What a level never lends.', value: (level) => level.limits.lower },
  { name: 'upper_limit_seats', help: 'What a level may have with all it can borrow.', value: (level) => level.limits.upper },
];

const family = (name: string, type: string, help: string): string[] => [
  `# HELP ${PREFIX}${name} ${help}`,
  `# TYPE ${PREFIX}${name} ${type}`,
];
const labels = ({ level, schema }: FlowNames): string => `priority_level="${level}",flow_schema="${schema}"`;

function histogramLines(name: string, labelText: string, { counts, sum, count }: Histogram): string[] {
  let upTo = 0;
  return [
    ...BUCKETS.map((bound, at) => {
      upTo += counts[at] ?? 0;
      return `${PREFIX}${name}_bucket{${labelText},le="${bound}"} ${upTo}`;
    }),
    `${PREFIX}${name}_bucket{${labelText},le="+Inf"} ${count}`,
    `${PREFIX}${name}_sum{${labelText}} ${sum}`,
    `${PREFIX}${name}_count{${labelText}} ${count}`,
  ];
}
