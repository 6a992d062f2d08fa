// A writer of the protobuf wire that fills its buffer from the end towards the beginning. Written that way, the length that stands before
// a message is known by the time it is written: nothing is measured first, moved after, or put together from parts.

/** Room of a new writer: most API objects fit. */
const FIRST_BYTES = 4 << 10;
/** Room that is kept ready, more than any number or tag takes. */
const SLACK = 32;
/** Texts up to this length are copied here, character by character: a call of the engine costs more. */
const SHORT_TEXT = 24;
const MAX_INT64 = 2n ** 63n - 1n;
const TWO_TO_31 = 2 ** 31;

/** A growing buffer. Everything is written before what was written last: fields come in descending order, a value before its tag. */
export class BackwardWriter {
  #bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES);
  /** Where the written bytes begin. */
  #at = FIRST_BYTES;

  /** Bytes written so far. */
  get size(): number {
    return this.#bytes.byteLength - this.#at;
  }

  /** What is written, in the writer's own memory: it must not be written to any more. */
  finish(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  /** As `finish`, but the writer goes on, empty, in `memory`. */
  handOver(memory: Buffer): Buffer {
    const written = this.finish();
    this.#bytes = memory;
    this.#at = memory.byteLength;
    return written;
  }

  /** An unsigned integer below 2³¹, as tags and lengths are. */
  varint(value: number): void {
    const bytes = this.#room(SLACK);
    if (value < 0x80) {
      bytes[--this.#at] = value;
      return;
    }
    let length = 1;
    for (let rest = value >>> 7; rest > 0; rest >>>= 7) length++;
    this.#at -= length;
    let at = this.#at;
    for (let rest = value; at < this.#at + length; rest >>>= 7) bytes[at++] = rest > 0x7f ? (rest & 0x7f) | 0x80 : rest;
  }

  /** An integer of up to 64 bits, negative ones as their two's complement in ten bytes. Beyond 2⁶³ it is the greatest there is, as it was before a JavaScript number rounded it. */
  integer(value: number): void {
    if (value >= 0 && value < TWO_TO_31) {
      this.varint(Math.trunc(value));
      return;
    }
    const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n;
    let rest = BigInt.asUintN(64, whole > MAX_INT64 && whole <= MAX_INT64 + 1n ? MAX_INT64 : whole);
    const groups: number[] = [];
    do {
      groups.push(Number(rest & 0x7fn));
      rest >>= 7n;
    } while (rest > 0n);
    const bytes = this.#room(SLACK);
    for (let i = groups.length - 1; i >= 0; i--) bytes[--this.#at] = (groups[i] ?? 0) | (i === groups.length - 1 ? 0 : 0x80);
  }

  /** A number in eight bytes. */
  double(value: number): void {
    const bytes = this.#room(SLACK);
    this.#at -= 8;
    bytes.writeDoubleLE(value, this.#at);
  }

  /** A number in four bytes. */
  float(value: number): void {
    const bytes = this.#room(SLACK);
    this.#at -= 4;
    bytes.writeFloatLE(value, this.#at);
  }

  /** A text with its length. What is no UTF-16 becomes U+FFFD. */
  string(text: string): void {
    if (text.length > SHORT_TEXT || !this.#shortAscii(text)) this.#longText(text);
  }

  /** Writes a short text of ASCII with its length; false, and nothing written, if it is of anything else. */
  #shortAscii(text: string): boolean {
    const { length } = text;
    const bytes = this.#room(SLACK);
    const start = this.#at - length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[start + i] = code;
    }
    bytes[start - 1] = length;
    this.#at = start - 1;
    return true;
  }

  #longText(text: string): void {
    const length = Buffer.byteLength(text);
    const bytes = this.#room(length + SLACK);
    this.#at -= length;
    // ASCII is copied as it is.
    bytes.write(text, this.#at, length, length === text.length ? 'latin1' : 'utf8');
    this.varint(length);
  }

  /** Bytes given as base64, with their length. */
  base64(text: string): void {
    const length = Buffer.byteLength(text, 'base64');
    const bytes = this.#room(length + SLACK);
    const written = bytes.write(text, this.#at - length, length, 'base64');
    // The length is an estimate for text that is no clean base64.
    if (written < length) bytes.copyWithin(this.#at - written, this.#at - length, this.#at - length + written);
    this.#at -= written;
    this.varint(written);
  }

  /** Bytes as they are. */
  raw(value: Uint8Array): void {
    const { length } = value;
    const bytes = this.#room(length + SLACK);
    this.#at -= length;
    if (length > SHORT_TEXT) bytes.set(value, this.#at);
    else for (let i = 0; i < length; i++) bytes[this.#at + i] = value[i] ?? 0;
  }

  /** The length of what was written since `size` was `mark`. */
  lengthSince(mark: number): void {
    this.varint(this.size - mark);
  }

  /** The buffer, with room for `count` bytes before what is written. */
  #room(count: number): Buffer {
    if (this.#at < count) this.#grow(count);
    return this.#bytes;
  }

  #grow(count: number): void {
    const { size } = this;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.byteLength * 2, size + count));
    this.#bytes.copy(grown, grown.byteLength - size, this.#at);
    this.#bytes = grown;
    this.#at = grown.byteLength - size;
  }
}
