// What a thread of kts is started with.

import type { StartThread } from '../base/thread.ts';

/** Set by threadStarter, read by the thread. */
export interface ThreadData {
  readonly thread: Parameters<StartThread>[0];
  /** Where native addons are unpacked. */
  readonly buildDirectory: string;
  readonly data: unknown;
}
