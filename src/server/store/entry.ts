// One stored object in memory: its bytes, and the object parsed from them when somebody first asks for it.

import { deepFreeze } from '../../api/copy.ts';
import type { Entry, Revision } from './store.ts';

const decoder = new TextDecoder();

/** What every stored object has: metadata that the store stamps with the revision. */
interface Stamped {
  readonly metadata?: object;
}

/**
 * An entry whose object is made from the bytes on first use: what was loaded at start and is never looked at costs no heap.
 * `object` is then kept, so every reader shares one frozen copy.
 */
export class StoredEntry implements Entry {
  readonly key: string;
  readonly revision: Revision;
  readonly createRevision: Revision;
  readonly bytes: Uint8Array;
  #object: unknown;

  constructor(place: { key: string; revision: Revision; createRevision: Revision }, bytes: Uint8Array, object?: unknown) {
    this.key = place.key;
    this.revision = place.revision;
    this.createRevision = place.createRevision;
    this.bytes = bytes;
    this.#object = object;
  }

  get object(): unknown {
    this.#object ??= deepFreeze(JSON.parse(decoder.decode(this.bytes)));
    return this.#object;
  }
}

/** The entry of a write: `object` stamped with the revision, frozen, and serialized. Freezes `object` too, since parts are shared. */
export function stampedEntry(place: { key: string; revision: Revision; createRevision: Revision }, object: object): StoredEntry {
  const metadata = (object as Stamped).metadata; // API objects have it; anything else the store is given just gets one.
  const stamped = deepFreeze({ ...object, metadata: { ...metadata, resourceVersion: String(place.revision) } });
  Object.freeze(object);
  return new StoredEntry(place, utf8(JSON.stringify(stamped)), stamped);
}

/** UTF-8 in a buffer of its own and of the exact size: a slice of Node's pool would keep 8 KiB alive, and cloning one copies all of it. */
function utf8(text: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
