// Runs the test files of the named folders under test/ and prints a line for each failed test, then 'N passed, N failed'.
// Folders whose tests use the machine (integration, e2e) run one file at a time; the others use both cores.

import { globSync } from 'node:fs';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

interface Counts {
  passed: number;
  failed: number;
}

const ALONE = new Set(['integration', 'e2e']);

async function runFolder(folder: string, counts: Counts): Promise<void> {
  const files = globSync(`test/${folder}/**/*.test.ts`).sort();
  if (folder === 'unit') files.push('test/project.test.ts');
  if (files.length === 0) return;
  process.stdout.write(`\n# ${folder}: ${files.length} files\n`);
  const stream = run({ files, concurrency: ALONE.has(folder) ? 1 : 2, execArgv: ['--no-warnings'], timeout: 900_000 });
  stream.on('test:pass', ({ details, skip, todo }) => {
    if (details.type !== 'suite' && skip === undefined && todo === undefined) counts.passed++;
    else if (skip !== undefined || todo !== undefined) counts.failed++; // A skipped test is a test that did not run.
  });
  stream.on('test:fail', ({ details }) => {
    const { failureType } = details.error as { failureType?: string }; // Set by the runner; not in its types.
    if (details.type !== 'suite' || failureType !== 'subtestsFailed') counts.failed++;
  });
  for await (const chunk of stream.compose(new spec())) process.stdout.write(chunk as string);
}

const counts: Counts = { passed: 0, failed: 0 };
for (const folder of process.argv.slice(2)) await runFolder(folder, counts);
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed\n`);
process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
