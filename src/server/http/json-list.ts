// A JSON list made of stored bytes, less what items of a list do not say.

import { groupVersionString } from '../../api/resources.ts';
import { type CallResult, listMeta } from '../registry/call-result.ts';
import { type ServedResource, typePrefix } from '../registry/served-resource.ts';
import { fromStored } from '../registry/stored-form.ts';
import { type ByteReader, copyPiece } from './byte-reader.ts';
import { jsonText } from './encoded-object.ts';

type PageResult = Extract<CallResult, { type: 'page' }>;

const TAIL = Buffer.from(']}\n');
/** Most bytes between two items. */
const SEPARATOR_BYTES = 2;
const [COMMA = 0, BRACE = 0, K, Q] = Buffer.from(',{k"');

/** Reads the list; each entry is looked at once, when its turn comes. */
export class JsonListReader implements ByteReader {
  readonly #served: ServedResource;
  readonly #entries: PageResult['page']['entries'];
  /** Length of what begins an object of this resource as it is stored: brace, kind and apiVersion. 0 where items say them, too. */
  readonly #prefix: number;
  #next = 0;
  #piece: Uint8Array;
  #from = 0;
  #done = false;

  constructor({ served, page }: PageResult) {
    const { info } = served;
    this.#served = served;
    this.#entries = page.entries;
    this.#prefix = served.type.itemsTyped ? 0 : 1 + Buffer.byteLength(typePrefix(info));
    const type = `"kind":${JSON.stringify(info.listKind)},"apiVersion":${JSON.stringify(groupVersionString(info))}`;
    this.#piece = Buffer.from(`{${type},"metadata":${JSON.stringify(listMeta(page, 0))},"items":[`);
  }

  get done(): boolean {
    return this.#done;
  }

  read(into: Buffer): number {
    let at = 0;
    while (!this.#done) {
      const copied = copyPiece(this.#piece, { to: into, at, from: this.#from });
      at += copied;
      this.#from += copied;
      if (this.#from < this.#piece.byteLength || into.byteLength - at < SEPARATOR_BYTES) break;
      at = this.#advance(into, at);
    }
    return at;
  }

  /** Goes to the next piece and writes what stands before it; returns where it begins. */
  #advance(into: Buffer, at: number): number {
    const index = this.#next++;
    const entry = this.#entries[index];
    let end = at;
    if (entry) {
      this.#piece = shownBytes(this.#served, entry);
      if (index > 0) into[end++] = COMMA;
      this.#from = beginsTyped(this.#piece, this.#prefix) ? this.#prefix : 0;
      if (this.#from > 0) into[end++] = BRACE;
    } else if (index === this.#entries.length) {
      this.#piece = TAIL;
      this.#from = 0;
    } else this.#done = true;
    return end;
  }
}

/** The JSON of an entry: as stored, unless it is shown otherwise. */
function shownBytes(served: ServedResource, { object, bytes }: PageResult['page']['entries'][number]): Uint8Array {
  if (!served.conversion) return bytes;
  const shown = fromStored(served, object);
  return shown === object ? bytes : Buffer.from(jsonText(shown));
}

/**
 * Whether stored JSON begins with kind and apiVersion, `end` bytes in all. Both are the same for all objects of a resource; only their
 * order could differ, in what another version of the program has stored.
 */
function beginsTyped(bytes: Uint8Array, end: number): boolean {
  return end > 0 && bytes[2] === K && bytes[end - 1] === COMMA && bytes[end] === Q;
}
