// The entry of kts: argv to one command, or, in a thread of the process, to that thread's code. Loads nothing else.

import { isMainThread } from 'node:worker_threads';
import { holdProcess } from './base/clock.ts';

if (isMainThread) {
  holdProcess(); // Until the command ends: it may wait for nothing but time.
  import('./cli/run.ts').then(({ run }) => run(process.argv.slice(2), process.env)).then((code) => process.exit(code));
} else {
  void import('./cli/threads.ts').then(({ runThread }) => runThread());
}
