// Writes long answers through a few buffers that are used again: a list of megabytes then makes no garbage, whose collection would cost
// more than the copying.

import type { ByteReader } from './byte-reader.ts';
import type { ChunkPool } from './chunk-pool.ts';
import type { Exchange } from './exchange.ts';

/** Chunks of one answer under way at a time: enough to keep the connection busy while the next one is filled. */
const MOST_CHUNKS = 4;

/** The buffers of one answer; the first of them comes filled. */
class Chunks {
  readonly #exchange: Exchange;
  readonly #pool: ChunkPool;
  readonly #free: Buffer[] = [];
  #made = 1;
  #over = false;
  #wake: () => void = () => {};

  constructor(exchange: Exchange, pool: ChunkPool) {
    this.#exchange = exchange;
    this.#pool = pool;
    exchange.onClose(() => this.#wake());
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
      });
    }
    return this.#exchange.closed ? undefined : this.#free.pop();
  }

  /** Writes the beginning of a buffer, which then comes back. */
  write(chunk: Buffer, bytes: number): void {
    if (bytes === 0) this.#free.push(chunk);
    else this.#exchange.response.write(chunk.subarray(0, bytes), () => this.#written(chunk));
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

/** Writes `bytes` bytes of `first` and all that is read after them; ends early when the client goes. The caller ends the response. */
export async function writeChunks(
  exchange: Exchange,
  { first, bytes, reader }: { readonly first: Buffer; readonly bytes: number; readonly reader: ByteReader },
  pool: ChunkPool,
): Promise<void> {
  const chunks = new Chunks(exchange, pool);
  chunks.write(first, bytes);
  while (!reader.done) {
    const chunk = await chunks.take();
    if (!chunk) return;
    chunks.write(chunk, reader.read(chunk));
  }
  chunks.release();
}
