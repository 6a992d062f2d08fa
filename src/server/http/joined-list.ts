// Lists as pieces of bytes: JSON of what is stored as it is, protobuf of items that are encoded a few at a time, so that a long list holds
// up nobody else.

import { encodeMessage, envelopeParts, ItemsEncoder } from '../../api/codec/protobuf.ts';
import { groupVersionString } from '../../api/resources.ts';
import type { Message } from '../../api/schema/schema.ts';
import { nextTurn } from '../../base/clock.ts';
import { type CallResult, listMeta } from '../registry/pipeline.ts';
import { type ServedResource, typePrefix } from '../registry/served-resource.ts';
import { fromStored } from '../registry/stored-form.ts';
import type { ChunkPool } from './chunk-pool.ts';
import { jsonText } from './encoded-object.ts';

/** An answer in pieces. `starts[i]` bytes of piece i are left out. */
export interface JoinedList {
  readonly pieces: readonly Uint8Array[];
  readonly starts: readonly number[];
  /** Bytes in all. */
  readonly size: number;
  /** Takes the memory of the pieces back; called when they have been copied to where they go. */
  readonly release?: () => void;
}

type PageResult = Extract<CallResult, { type: 'page' }>;

const COMMA = Buffer.from(',');
const BRACE = Buffer.from('{');
const COMMA_BRACE = Buffer.from(',{');
/** Items that are encoded in one turn of the event loop: about 5 ms on a small machine. */
const ITEMS_A_TURN = 128;

class Pieces implements JoinedList {
  readonly pieces: Uint8Array[] = [];
  readonly starts: number[] = [];
  size = 0;

  add(piece: Uint8Array, start = 0): void {
    this.pieces.push(piece);
    this.starts.push(start);
    this.size += piece.byteLength - start;
  }
}

/** A JSON list made of stored bytes, less what items of a list do not say. */
export function joinedJson({ served, page }: PageResult): JoinedList {
  const { info } = served;
  const out = new Pieces();
  const type = `"kind":${JSON.stringify(info.listKind)},"apiVersion":${JSON.stringify(groupVersionString(info))}`;
  out.add(Buffer.from(`{${type},"metadata":${JSON.stringify(listMeta(page, 0))},"items":[`));
  const end = served.type.itemsTyped ? 0 : 1 + Buffer.byteLength(typePrefix(info));
  let first = true;
  for (const entry of page.entries) {
    const bytes = shownBytes(served, entry);
    const typed = end > 0 && beginsTyped(bytes, end);
    if (typed) out.add(first ? BRACE : COMMA_BRACE);
    else if (!first) out.add(COMMA);
    out.add(bytes, typed ? end : 0);
    first = false;
  }
  out.add(Buffer.from(']}\n'));
  return out;
}

/** The JSON of an entry: as stored, unless it is shown otherwise. */
function shownBytes(served: ServedResource, { object, bytes }: PageResult['page']['entries'][number]): Uint8Array {
  if (!served.conversion) return bytes;
  const shown = fromStored(served, object);
  return shown === object ? bytes : Buffer.from(jsonText(shown));
}

const [K, Q, C] = Buffer.from('k",');

/**
 * Whether stored JSON begins with kind and apiVersion, `end` bytes in all. Both are the same for all objects of a resource; only their
 * order could differ, in what another version of the program has stored.
 */
const beginsTyped = (bytes: Uint8Array, end: number): boolean => bytes[2] === K && bytes[end - 1] === C && bytes[end] === Q;

/** A protobuf list in its envelope, in buffers of the pool. `message` is that of the list kind, whose metadata and items are its fields 1 and 2. */
export async function joinedProtobuf({ served, page }: PageResult, message: Message, pool: ChunkPool): Promise<JoinedList> {
  const item = message.byJsonName.get('items')?.message;
  if (!item) throw new RangeError(`${message.fullName} has no items`);
  const taken: Buffer[] = [];
  const items = new ItemsEncoder(item, () => {
    const chunk = pool.take();
    taken.push(chunk);
    return chunk;
  });
  let done = 0;
  for (const entry of page.entries.toReversed()) {
    if (++done % ITEMS_A_TURN === 0) await nextTurn();
    items.prepend(fromStored(served, entry.object));
  }
  const pieces = [encodeMessage({ metadata: listMeta(page, 0) }, message), ...items.finish()];
  const size = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
  const { head, tail } = envelopeParts({ kind: served.info.listKind, apiVersion: groupVersionString(served.info) }, size);
  const out = new Pieces();
  for (const piece of [head, ...pieces, tail]) out.add(piece);
  return {
    pieces: out.pieces,
    starts: out.starts,
    size: out.size,
    release: () => {
      for (const chunk of taken) pool.giveBack(chunk);
    },
  };
}
