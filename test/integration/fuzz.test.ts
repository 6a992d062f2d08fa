// A short fuzz run (`npm run fuzz` is the long one): whatever is asked, the API server answers as documented and keeps nothing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runFuzz } from '../fuzz/fuzz-run.ts';
import { leakOf } from '../fuzz/leak-rules.ts';

const REQUESTS = 2000;

test('ApiServer answers mutated requests without faults and keeps nothing of them', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const report = await runFuzz({ requests: REQUESTS, seed });
  assert.deepEqual(report.faults, [], `seed ${seed}`);
  assert.equal(leakOf(report), undefined, `seed ${seed}`);
  assert.ok((report.answers.get(200) ?? 0) > REQUESTS / 20 && (report.answers.get(201) ?? 0) > REQUESTS / 50, 'hardly anything was taken');
});
