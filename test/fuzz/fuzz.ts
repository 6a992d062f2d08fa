// `npm run fuzz -- --requests 200000 --seed 7`: fuzzes an API server and says what it found. Exit code 1 when that is anything.

import { parseArgs } from 'node:util';
import { runFuzz } from './fuzz-run.ts';
import { leakOf } from './leak-rules.ts';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '20000' }, seed: { type: 'string', default: String(Date.now() % 1e9) } },
});
const seed = Number(values.seed);
process.stdout.write(`seed ${seed}\n`);
const report = await runFuzz({ requests: Number(values.requests), seed, onProgress: (done) => process.stdout.write(`${done} requests\n`) });
for (const fault of report.faults) process.stdout.write(`\n✖ ${fault}\n`);
const leak = leakOf(report);
if (leak !== undefined) process.stdout.write(`\n✖ ${leak}\n`);
process.stdout.write(
  `\nanswers by code: ${[...report.answers]
    .sort(([a], [b]) => a - b)
    .map(([code, count]) => `${code}: ${count}`)
    .join(', ')}\n`,
);
const mb = (bytes: number): string => (bytes / (1 << 20)).toFixed(1);
process.stdout.write(
  `heap ${mb(report.heapBytes.early)} MB after a tenth, ${mb(report.heapBytes.late)} MB at the end; handles ${report.handles.early}, ${report.handles.late}\n`,
);
process.stdout.write(`${report.faults.length + (leak === undefined ? 0 : 1)} faults\n`);
process.exitCode = report.faults.length > 0 || leak !== undefined ? 1 : 0;
