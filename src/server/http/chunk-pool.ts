// The buffers that long answers are made in and sent from, used again and again.

/** Large enough that the cost of a write is nothing beside its bytes. */
export const CHUNK_BYTES = 256 << 10;
/** Buffers that are remembered for the next answer. */
const MOST_IDLE = 16;

/** Buffers of past answers, for as long as the garbage collector leaves them: new ones would bring it sooner. */
export class ChunkPool {
  #idle: WeakRef<Buffer>[] = [];

  /** A buffer nobody uses. */
  take(): Buffer {
    for (let last = this.#idle.pop(); last; last = this.#idle.pop()) {
      const known = last.deref();
      if (known) return known;
    }
    return Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  /** Takes a buffer back that has been handed on in whole. */
  giveBack(buffer: Buffer): void {
    if (this.#idle.length < MOST_IDLE) this.#idle.push(new WeakRef(buffer));
  }
}
