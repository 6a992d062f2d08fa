// Writes many small pieces as large chunks through a few buffers that are used again: a list of megabytes then makes no garbage, whose
// collection would cost more than the copying.

import type { Exchange } from './exchange.ts';

/** Large enough that the cost of a write is nothing beside its bytes. */
const CHUNK_BYTES = 256 << 10;
/** Chunks under way at a time: enough to keep the connection busy while the next one is filled. */
const MOST_CHUNKS = 4;

/** The buffers of one answer. */
class Chunks {
  readonly #free: Buffer[] = [];
  #made = 0;
  #wake: () => void = () => {};

  /** A buffer nobody uses; waits for one to be sent if all are under way. Undefined when the client has gone. */
  async take(exchange: Exchange): Promise<Buffer | undefined> {
    if (this.#free.length === 0 && this.#made < MOST_CHUNKS) {
      this.#made++;
      return Buffer.allocUnsafeSlow(CHUNK_BYTES);
    }
    while (this.#free.length === 0 && !exchange.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        exchange.onClose(resolve);
      });
    }
    return exchange.closed ? undefined : this.#free.pop();
  }

  giveBack(chunk: Buffer): void {
    this.#free.push(chunk);
    this.#wake();
  }
}

/** Writes all pieces in order; ends early when the client goes. The caller ends the response. */
export async function writePieces(exchange: Exchange, pieces: readonly Uint8Array[]): Promise<void> {
  const { response } = exchange;
  const chunks = new Chunks();
  let chunk = await chunks.take(exchange);
  let filled = 0;
  const flush = (full: Buffer, bytes: number): void => {
    response.write(full.subarray(0, bytes), () => chunks.giveBack(full));
  };
  for (const piece of pieces) {
    for (let from = 0; from < piece.byteLength; ) {
      if (!chunk) return;
      const part = piece.subarray(from, from + CHUNK_BYTES - filled);
      chunk.set(part, filled);
      filled += part.byteLength;
      from += part.byteLength;
      if (filled < CHUNK_BYTES) continue;
      flush(chunk, filled);
      chunk = await chunks.take(exchange);
      filled = 0;
    }
  }
  if (chunk && filled > 0) flush(chunk, filled);
}
