// The figures of a run and the table they are printed as. Pure.

/** What a figure is held against. */
export interface Budget {
  readonly kind: 'at most' | 'at least';
  readonly value: number;
}

/** One measured figure. */
export interface Figure {
  readonly what: string;
  readonly measured: number;
  readonly unit: 'MB' | 'MB/day' | 's' | 'ms' | '%' | 'x' | 'pods/s';
  readonly budget?: Budget;
  /** What it was made of, for the JSON. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What a measurement came to: its figures, or why it could not measure. */
export interface Outcome {
  readonly name: string;
  readonly figures: readonly Figure[];
  readonly failure?: string;
}

/** `within`, `over by x %` (or `under by` where more is better), or `''` without a budget. */
export function verdict({ measured, budget }: Figure): string {
  if (!budget) return '';
  const { kind, value } = budget;
  const missed = kind === 'at most' ? measured > value : measured < value;
  if (!missed) return 'within';
  const ratio = kind === 'at most' ? measured / value - 1 : 1 - measured / value;
  return `${kind === 'at most' ? 'over' : 'under'} by ${Math.max(1, Math.round(ratio * 100))} %`;
}

/** A number with three significant digits, but no exponent and no digit of an integer lost. */
export function figureText(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toFixed(Math.min(digits, 3));
}

const HEAD = ['what', 'measured', 'budget', 'verdict'] as const;

/** The table: one line a figure, then one line for each measurement that failed. */
export function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap(({ figures }) => figures.map(row));
  const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 1 || column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const failures = outcomes.flatMap(({ name, failure }) => (failure === undefined ? [] : [`${name}: not measured: ${failure}`]));
  return [line(HEAD), rule, ...rows.map(line), ...failures].join('\n');
}

function row(figure: Figure): string[] {
  const { what, measured, unit, budget } = figure;
  const limit = budget ? `${budget.kind === 'at most' ? '≤' : '≥'} ${figureText(budget.value)} ${unit}` : '';
  return [what, `${figureText(measured)} ${unit}`, limit, verdict(figure)];
}
