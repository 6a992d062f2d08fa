// What a controller has written, until its informer shows it. A controller that plans from the informer's objects must not
// plan again on a picture that lacks its own writes: it would make them twice.

import type { KubeObject } from '../../api/object.ts';
import { keyOf } from '../../api/object.ts';
import type { Clock } from '../../base/clock.ts';
import type { Change, Lister } from '../../client/informer.ts';

/** After this long the informer is trusted whatever it shows: someone else may have deleted what was written. */
const TRUST_AFTER_MS = 30_000;

interface Written {
  /** `undefined` = deleted. */
  readonly version: number | undefined;
  readonly uid: string | undefined;
  readonly at: number;
}

/** Writes by the key of what was reconciled; entries leave as the informer shows them, so there are only writes under way. */
export class WrittenVersions {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #written = new Map<string, Map<string, Written>>();
  /** The newest version the informer has shown of any object: it has seen all that was written before. */
  #seen = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Takes a change of the informer whose lister is asked: without it a write whose object was deleted since would be awaited in vain. */
  saw({ object }: Change<KubeObject>): void {
    this.#seen = Math.max(this.#seen, Number(object.metadata.resourceVersion ?? 0));
  }

  /** Notes the answer of a create or update. */
  wrote(key: string, object: KubeObject): void {
    this.#note(key, object, Number(object.metadata.resourceVersion));
  }

  /** Notes a deletion; `object` as it was. */
  deleted(key: string, object: KubeObject): void {
    this.#note(key, object, undefined);
  }

  /** Whether `lister` shows all that was written for `key`. */
  isVisible(key: string, lister: Pick<Lister<KubeObject>, 'get'>): boolean {
    const writes = this.#written.get(key);
    if (!writes) return true;
    for (const [name, write] of writes) if (this.#shows(lister.get(name), write)) writes.delete(name);
    if (writes.size > 0) return false;
    this.#written.delete(key);
    return true;
  }

  #note(key: string, object: KubeObject, version: number | undefined): void {
    const writes = this.#written.get(key) ?? new Map<string, Written>();
    this.#written.set(key, writes);
    writes.set(keyOf(object), { version, uid: object.metadata.uid, at: this.#clock.monotonic() });
  }

  #shows(object: KubeObject | undefined, write: Written): boolean {
    if (this.#clock.monotonic() - write.at > TRUST_AFTER_MS) return true;
    if (write.version === undefined) return object === undefined || object.metadata.uid !== write.uid;
    // Versions of one resource are ordered numbers (KEP-5504), and changes come in their order.
    if (this.#seen >= write.version) return true;
    return object !== undefined && Number(object.metadata.resourceVersion) >= write.version;
  }
}
