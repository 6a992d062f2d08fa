// The command line of the bench.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { benchOptions, MEASUREMENTS } from '../../bench/bench-options.ts';

const ALL = { quick: false, only: [...MEASUREMENTS], out: 'dist/bench.json' };

for (const [args, expected] of [
  [[], ALL],
  [['--quick', '--out', 'x.json'], { ...ALL, quick: true, out: 'x.json' }],
  [['--only', 'writes,start'], { ...ALL, only: ['start', 'writes'] }],
  [['--only', 'list', '--only=idle'], { ...ALL, only: ['idle', 'list'] }],
  [['--help'], undefined],
] as const) {
  test(`benchOptions reads '${args.join(' ')}'`, () => assert.deepEqual(benchOptions(args), expected));
}

for (const args of [['--only', 'memory'], ['--fast'], ['idle']]) {
  test(`benchOptions refuses '${args.join(' ')}'`, () => assert.throws(() => benchOptions(args)));
}
