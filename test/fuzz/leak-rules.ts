// Whether a fuzz run has left something behind in the server: pure.

import type { FuzzReport } from './fuzz-run.ts';

/** Heap may grow by this: code that is compiled late, the ring of recent events. */
const HEAP_GROWTH = 16 << 20;
/** Handles may differ by connections that are just closing. */
const HANDLE_GROWTH = 4;

/** What was left behind; undefined when nothing was. */
export function leakOf({ heapBytes, handles }: FuzzReport): string | undefined {
  if (heapBytes.late - heapBytes.early > HEAP_GROWTH) return `the heap grew from ${heapBytes.early} to ${heapBytes.late} bytes`;
  return handles.late - handles.early > HANDLE_GROWTH ? `handles grew from ${handles.early} to ${handles.late}` : undefined;
}
