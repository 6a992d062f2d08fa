// Runs the named kinds of tests, prints how long each took, then 'N passed, N failed', always the last line. Exit code 0 only when something
// passed and nothing failed. Kinds: 'static' (the checks below, each counts as one test) and the folders of test/.

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** The checks that need no run of the program. */
const STATIC: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['format and lint', 'biome', 'check', '.'],
  ['unused files, exports and packages', 'knip'],
  ['types', 'tsc', '--noEmit'],
  ['generated types of the API', 'node', 'scripts/generate-types.ts', '--verify'],
  ['generated types of CRI', 'node', 'scripts/generate-cri.ts', '--verify'],
];
/** Folders whose tests use the machine run one file at a time; the others use both cores. */
const ALONE = new Set(['integration', 'e2e']);
/** Longest run of one file: the cluster of test/e2e goes through all suites. */
const FILE_TIMEOUT_MS = 900_000;

interface Counts {
  passed: number;
  failed: number;
}

function runStatic(counts: Counts): void {
  for (const [name, command, ...args] of STATIC) {
    const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    if (status === 0) counts.passed++;
    else counts.failed++;
    process.stdout.write(`${status === 0 ? '✔' : '✖'} ${name}${error ? `: ${error.message}` : ''}\n`);
  }
}

async function runFolder(folder: string, counts: Counts): Promise<void> {
  const files = globSync(`test/${folder}/**/*.test.ts`).sort();
  if (folder === 'unit') files.push('test/project.test.ts');
  if (files.length === 0) throw new RangeError(`test/${folder} has no tests`);
  const stream = run({ files, concurrency: ALONE.has(folder) ? 1 : 2, execArgv: ['--no-warnings'], timeout: FILE_TIMEOUT_MS });
  stream.on('test:pass', ({ details, skip, todo }) => {
    // A skipped test is a test that did not run.
    if (skip !== undefined || todo !== undefined) counts.failed++;
    else if (details.type !== 'suite') counts.passed++;
  });
  stream.on('test:fail', ({ details }) => {
    const { failureType } = details.error as { failureType?: string }; // Set by the runner; not in its types.
    if (details.type !== 'suite' || failureType !== 'subtestsFailed') counts.failed++;
  });
  for await (const chunk of stream.compose(new spec())) process.stdout.write(chunk as string);
}

const counts: Counts = { passed: 0, failed: 0 };
for (const kind of process.argv.slice(2)) {
  const before = { ...counts };
  const started = performance.now();
  process.stdout.write(`\n# ${kind}\n`);
  try {
    if (kind === 'static') runStatic(counts);
    else await runFolder(kind, counts);
  } catch (error) {
    counts.failed++;
    process.stdout.write(`✖ ${kind}: ${error instanceof Error ? error.stack : String(error)}\n`);
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(`# ${kind}: ${counts.passed - before.passed} passed, ${counts.failed - before.failed} failed in ${seconds} s\n`);
}
// A pipe is written before the process ends only when it is waited for.
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed\n`, () => {
  process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
});
