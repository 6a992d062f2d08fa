// Counters and histograms of admission by labels, as text for /metrics. Nothing is said of a metric before something was counted.

/** Series kept of each metric: what is configured stays far below; names that come and go cannot grow it without end. */
const MAX_SERIES = 1_000;

/** Values of labels by name. They are DNS names and words of ours: nothing in them has to be escaped. */
export type Labels = Readonly<Record<string, string | number | boolean>>;

const textOf = (labels: Labels): string =>
  Object.keys(labels)
    .sort()
    .map((name) => `${name}="${labels[name]}"`)
    .join(',');

/** A counter. */
export class CounterSeries {
  readonly #name: string;
  readonly #help: string;
  readonly #values = new Map<string, number>();

  constructor(name: string, help: string) {
    this.#name = name;
    this.#help = help;
  }

  /** Counts one. */
  add(labels: Labels): void {
    const key = textOf(labels);
    const before = this.#values.get(key);
    if (before !== undefined || this.#values.size < MAX_SERIES) this.#values.set(key, (before ?? 0) + 1);
  }

  /** Lines of the text exposition. */
  lines(): string[] {
    if (this.#values.size === 0) return [];
    const values = [...this.#values].map(([labels, value]) => `${this.#name}{${labels}} ${value}`);
    return [`# HELP ${this.#name} ${this.#help}`, `# TYPE ${this.#name} counter`, ...values];
  }
}

interface Histogram {
  readonly counts: number[];
  sum: number;
  count: number;
}

/** A histogram. */
export class HistogramSeries {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #values = new Map<string, Histogram>();

  /** @param bounds upper bounds of the buckets but for the last, ascending */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name;
    this.#help = help;
    this.#bounds = bounds;
  }

  /** Counts one value. */
  observe(labels: Labels, value: number): void {
    const key = textOf(labels);
    const known = this.#values.get(key);
    if (!known && this.#values.size >= MAX_SERIES) return;
    const histogram = known ?? { counts: this.#bounds.map(() => 0), sum: 0, count: 0 };
    this.#values.set(key, histogram);
    histogram.sum += value;
    histogram.count++;
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
  }

  /** Lines of the text exposition. */
  lines(): string[] {
    if (this.#values.size === 0) return [];
    const lines = [`# HELP ${this.#name} ${this.#help}`, `# TYPE ${this.#name} histogram`];
    for (const [labels, { counts, sum, count }] of this.#values) {
      let below = 0;
      for (const [index, bound] of this.#bounds.entries()) {
        below += counts[index] ?? 0;
        lines.push(`${this.#name}_bucket{${labels},le="${boundText(bound)}"} ${below}`);
      }
      lines.push(`${this.#name}_bucket{${labels},le="+Inf"} ${count}`);
      lines.push(`${this.#name}_sum{${labels}} ${sum}`, `${this.#name}_count{${labels}} ${count}`);
    }
    return lines;
  }
}

/** As Go writes numbers: dashboards compare the text. */
const boundText = (bound: number): string => String(bound).replace(/e-(\d)$/, 'e-0$1');
