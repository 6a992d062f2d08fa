// Long answers as something that is read into buffers: they are made while they are sent, and never stand in memory as a whole.

/** Bytes that are made as they are read. */
export interface ByteReader {
  /** Puts the next bytes at the beginning of `into`, of at least two; returns their number, which says nothing of what follows. */
  read(into: Buffer): number;
  /** Whether all has been read. */
  readonly done: boolean;
}

/** Copies as much of `piece` from `from` on as there is room for in `to` from `at` on; returns the number of bytes. */
export function copyPiece(piece: Uint8Array, { to, at, from }: { to: Buffer; at: number; from: number }): number {
  // No view is made: there are thousands of pieces.
  if (piece instanceof Buffer) return piece.copy(to, at, from);
  const part = piece.subarray(from, from + to.byteLength - at);
  to.set(part, at);
  return part.byteLength;
}

/** Reads pieces one after the other. */
export class PiecesReader implements ByteReader {
  readonly #pieces: readonly Uint8Array[];
  #next = 0;
  #from = 0;

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces;
  }

  get done(): boolean {
    return this.#next >= this.#pieces.length;
  }

  read(into: Buffer): number {
    let at = 0;
    for (let piece = this.#pieces[this.#next]; piece; piece = this.#pieces[this.#next]) {
      const copied = copyPiece(piece, { to: into, at, from: this.#from });
      at += copied;
      this.#from += copied;
      if (this.#from < piece.byteLength) break;
      this.#next++;
      this.#from = 0;
    }
    return at;
  }
}
