// Protobuf lists: items are encoded a few at a time, so that a long list holds up nobody else.

import { encodeMessage, envelopeParts, ItemsEncoder } from '../../api/codec/protobuf.ts';
import { groupVersionString } from '../../api/resources.ts';
import type { Message } from '../../api/schema/schema.ts';
import { nextTurn } from '../../base/clock.ts';
import { type CallResult, listMeta } from '../registry/call-result.ts';
import { fromStored } from '../registry/stored-form.ts';
import type { ChunkPool } from './chunk-pool.ts';

/** A list in pieces, one after the other. */
export interface ProtobufList {
  readonly pieces: readonly Uint8Array[];
  /** Takes the memory of the pieces back; called when they have been copied to where they go. */
  readonly release: () => void;
}

type PageResult = Extract<CallResult, { type: 'page' }>;

/** Items that are encoded in one turn of the event loop: about 5 ms on a small machine. */
const ITEMS_A_TURN = 128;

/** A protobuf list in its envelope, in buffers of the pool. `message` is that of the list kind, whose metadata and items are its fields 1 and 2. */
export async function protobufList({ served, page }: PageResult, message: Message, pool: ChunkPool): Promise<ProtobufList> {
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
  return {
    pieces: [head, ...pieces, tail],
    release: () => {
      for (const chunk of taken) pool.giveBack(chunk);
    },
  };
}
