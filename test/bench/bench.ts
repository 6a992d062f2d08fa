// `npm run bench`: measures the built executable, prints one table with the budgets of the design beside the figures, writes JSON.
// It never judges: exit 0 also where a budget is missed, 1 where something could not be measured.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { messageOf } from '../../src/base/errors.ts';
import { KTS } from '../e2e/support/kts-node.ts';
import { type BenchOptions, benchOptions, type MeasurementName, USAGE } from './bench-options.ts';
import { BenchWorld } from './bench-world.ts';
import { machineFacts } from './machine-facts.ts';
import { FULL, MEASURE, QUICK } from './measurements.ts';
import { type Outcome, table, verdict } from './report.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Exit code of a run that a signal ended. */
const INTERRUPTED = 130;

async function measureAll(options: BenchOptions, world: () => Promise<BenchWorld>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const name of options.only) {
    const started = performance.now();
    outcomes.push(await measure(name, options, world));
    say(`bench: ${name} took ${Math.round((performance.now() - started) / 1000)} s`);
  }
  return outcomes;
}

async function measure(name: MeasurementName, { quick }: BenchOptions, world: () => Promise<BenchWorld>): Promise<Outcome> {
  try {
    return { name, figures: await MEASURE[name](world, quick ? QUICK : FULL) };
  } catch (error) {
    return { name, figures: [], failure: messageOf(error) };
  }
}

/** Runs the bench; resolves to the exit code. */
async function main(options: BenchOptions): Promise<number> {
  let made: Promise<BenchWorld> | undefined;
  const world = (): Promise<BenchWorld> => {
    made ??= BenchWorld.create();
    return made;
  };
  const interrupted = async (): Promise<void> => {
    await made?.then((one) => one.remove()).catch((error: unknown) => say(`bench: ${messageOf(error)}`));
    process.exit(INTERRUPTED);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void interrupted());
  const machine = machineFacts(tmpdir());
  let outcomes: Outcome[];
  try {
    outcomes = await measureAll(options, world);
  } finally {
    await (await made)?.remove();
  }
  process.stdout.write(`${table(outcomes)}\n`);
  const results = outcomes.map((outcome) => ({
    ...outcome,
    figures: outcome.figures.map((figure) => ({ ...figure, verdict: verdict(figure) })),
  }));
  mkdirSync(dirname(options.out), { recursive: true });
  writeFileSync(options.out, `${JSON.stringify({ machine, quick: options.quick, results }, undefined, 2)}\n`);
  say(`bench: written to ${options.out}`);
  return outcomes.some(({ failure }) => failure !== undefined) ? 1 : 0;
}

/**
 * Takes a file out of the page cache, as a boot of the machine does: of a file that was just written the kernel keeps, and maps into who runs it,
 * larger pieces than are used (13 MB more of the executable on Linux 6.18).
 */
function forgetPages(path: string): void {
  execFileSync('dd', [`of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']);
}

function start(): Promise<number> | number {
  const options = benchOptions(process.argv.slice(2));
  if (!options) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (process.getuid?.() !== 0) throw new RangeError('must run as root: it starts containerd and makes network namespaces');
  if (!existsSync(KTS)) throw new RangeError(`${KTS} is missing: npm run build`);
  forgetPages(KTS);
  return main(options);
}

try {
  process.exit(await start());
} catch (error) {
  say(`bench: ${messageOf(error)}`);
  process.exit(1);
}
