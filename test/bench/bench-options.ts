// The command line of the bench.

import { parseArgs } from 'node:util';

/** Names of the measurements, in the order they run. */
export const MEASUREMENTS = ['start', 'idle', 'agent', 'pods', 'writes', 'watch', 'api', 'list', 'scheduler'] as const;

/** One of them. */
export type MeasurementName = (typeof MEASUREMENTS)[number];

/** What the command line asks for. */
export interface BenchOptions {
  /** Shorter windows and fewer repetitions. */
  readonly quick: boolean;
  readonly only: readonly MeasurementName[];
  /** Where the JSON is written. */
  readonly out: string;
}

/** The text of `--help`. */
export const USAGE = `npm run bench -- [--quick] [--only NAME,NAME] [--out FILE]
  --quick  a 30 s idle window and fewer repetitions
  --only   some of: ${MEASUREMENTS.join(', ')}
  --out    the JSON file (default dist/bench.json)
`;

/** Reads the arguments; `undefined` = help is asked for. @throws RangeError, TypeError for what it does not know */
export function benchOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      out: { type: 'string', default: 'dist/bench.json' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const asked = values.only.flatMap((names) => names.split(',')).filter((name) => name !== '');
  const unknown = asked.filter((name) => !MEASUREMENTS.some((known) => known === name));
  if (unknown.length > 0) throw new RangeError(`no measurement ${unknown.join(', ')}; there are ${MEASUREMENTS.join(', ')}`);
  const only = MEASUREMENTS.filter((name) => asked.length === 0 || asked.includes(name));
  return { quick: values.quick, only, out: values.out };
}
