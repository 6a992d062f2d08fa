// Writes many small pieces as large chunks through a few buffers that are used again: a list of megabytes then makes no garbage, whose
// collection would cost more than the copying.

import { CHUNK_BYTES, type ChunkPool } from './chunk-pool.ts';
import type { Exchange } from './exchange.ts';
import type { JoinedList } from './joined-list.ts';

/** Chunks of one answer under way at a time: enough to keep the connection busy while the next one is filled. */
const MOST_CHUNKS = 4;
/** The buffers of one answer. */
class Chunks {
  readonly #exchange: Exchange;
  readonly #pool: ChunkPool;
  readonly #free: Buffer[] = [];
  #made = 0;
  #over = false;
  #wake: () => void = () => {};

  constructor(exchange: Exchange, pool: ChunkPool) {
    this.#exchange = exchange;
    this.#pool = pool;
  }

  /** A buffer nobody uses; waits for one to be sent if all are under way. Undefined when the client has gone. */
  async take(): Promise<Buffer | undefined> {
    const { closed } = this.#exchange;
    if (!closed && this.#free.length === 0 && this.#made < MOST_CHUNKS) {
      this.#made++;
      return this.#pool.take();
    }
    while (this.#free.length === 0 && !this.#exchange.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#exchange.onClose(resolve);
      });
    }
    return this.#exchange.closed ? undefined : this.#free.pop();
  }

  /** Writes the beginning of a buffer, which then comes back. */
  write(chunk: Buffer, bytes: number): void {
    this.#exchange.response.write(chunk.subarray(0, bytes), () => this.#written(chunk));
  }

  /** No more is written: the buffers go back to the pool as they come. */
  release(): void {
    this.#over = true;
    for (const chunk of this.#free.splice(0)) this.#pool.giveBack(chunk);
  }

  #written(chunk: Buffer): void {
    // Of a connection that broke, bytes may still be on their way: nobody else may have the buffer.
    if (this.#exchange.closed) return;
    if (this.#over) this.#pool.giveBack(chunk);
    else this.#free.push(chunk);
    this.#wake();
  }
}

/** Copies as much of `piece` from `from` on as there is room for in `to` from `at` on; returns the number of bytes. */
function copy(piece: Uint8Array, { to, at, from }: { to: Buffer; at: number; from: number }): number {
  // No view is made: there are thousands of pieces.
  if (piece instanceof Buffer) return piece.copy(to, at, from);
  const part = piece.subarray(from, from + to.byteLength - at);
  to.set(part, at);
  return part.byteLength;
}

/** Writes all pieces in order; ends early when the client goes. The caller ends the response. */
export async function writePieces(exchange: Exchange, { pieces, starts }: JoinedList, pool: ChunkPool): Promise<void> {
  const chunks = new Chunks(exchange, pool);
  let chunk = await chunks.take();
  let filled = 0;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i];
    for (let from = starts[i] ?? 0; piece && from < piece.byteLength; ) {
      if (!chunk) return;
      const copied = copy(piece, { to: chunk, at: filled, from });
      filled += copied;
      from += copied;
      if (filled < CHUNK_BYTES) continue;
      chunks.write(chunk, filled);
      chunk = await chunks.take();
      filled = 0;
    }
  }
  if (chunk && filled > 0) chunks.write(chunk, filled);
  chunks.release();
}
