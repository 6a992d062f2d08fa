// Frames of a watch over HTTP: one JSON value a line.

import { StatusError } from '../api/status-error.ts';

const NEWLINE = 10;
/** Longest line: far above the largest object an API server takes (about 3 MB), so only a broken peer exceeds it. */
const MAX_LINE_BYTES = 16 << 20;

/**
 * The lines of a byte stream as text, without empty ones. Reads no further than the consumer asks.
 * @throws StatusError InternalError for a line longer than `maxBytes`; whatever reading throws.
 */
export async function* lines(chunks: AsyncIterable<Buffer>, maxBytes = MAX_LINE_BYTES): AsyncIterable<string> {
  let pending: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      pending.push(chunk.subarray(start, end));
      const line = Buffer.concat(pending).toString('utf8');
      pending = [];
      size = 0;
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
    size += chunk.length - start;
    if (size > maxBytes) throw new StatusError(500, 'InternalError', `watch frame exceeds ${maxBytes} bytes`);
    if (start < chunk.length) pending.push(chunk.subarray(start));
  }
  const rest = Buffer.concat(pending).toString('utf8');
  if (rest.trim() !== '') yield rest;
}
