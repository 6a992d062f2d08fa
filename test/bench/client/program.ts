// A client of the bench as a process of its own, so that it can run in a node's network namespace:
// `program.ts NAME JSON` runs one function and prints what it gives as JSON.

import { apiTimes } from './api-times.ts';
import { listTimes } from './list-times.ts';
import { podTimes } from './pod-times.ts';
import { startTimes } from './start-times.ts';
import { watchTimes } from './watch-times.ts';
import { writeTimes } from './write-times.ts';

const PROGRAMS = { apiTimes, listTimes, podTimes, startTimes, watchTimes, writeTimes };

/** The functions by name, for the types of who runs them. */
export type ClientPrograms = typeof PROGRAMS;

if (import.meta.main) {
  const [name = '', input = ''] = process.argv.slice(2);
  const program = PROGRAMS[name as keyof ClientPrograms] as ((input: unknown) => Promise<unknown>) | undefined; // Checked below.
  if (!program) throw new RangeError(`no client ${name}`);
  // kts's clock does not keep a process alive.
  const alive = setInterval(() => {}, 1000);
  process.stdout.write(`${JSON.stringify(await program(JSON.parse(input)))}\n`);
  clearInterval(alive);
  process.exit(0);
}
