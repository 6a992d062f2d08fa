// What a controller has done that its informers have not shown yet. A controller that creates or deletes objects by number
// must not count again until it has seen its own writes; after a while it trusts the informer (a watch may have missed them).

import type { KubeObject } from '../../api/object.ts';
import type { Clock } from '../../base/clock.ts';
import type { Change } from '../../client/informer.ts';

/** After this long without fulfilment the informer is trusted again: upstream's ExpectationsTimeout. */
const TIMEOUT_MS = 5 * 60_000;

interface Expectation {
  creations: number;
  /** Keys or uids of objects whose deletion is awaited: a second event of the same deletion must not count twice. */
  readonly deletions: Set<string>;
  readonly since: number;
}

/** Expectations by the key of the controlling object. There are as many as controlling objects. */
export class ControllerExpectations {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #expectations = new Map<string, Expectation>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Call before creating `count` objects; for each creation that fails call `creationObserved`. Replaces what was expected. */
  expectCreations(key: string, count: number): void {
    this.expect(key, { creations: count, deletions: [] });
  }

  /** Call before deleting the objects of these ids (uid or key, as `deletionObserved` will be told). Replaces what was expected. */
  expectDeletions(key: string, ids: readonly string[]): void {
    this.expect(key, { creations: 0, deletions: ids });
  }

  /** Both at once. Replaces what was expected. */
  expect(key: string, { creations, deletions }: { readonly creations: number; readonly deletions: readonly string[] }): void {
    this.#expectations.set(key, { creations, deletions: new Set(deletions), since: this.#clock.monotonic() });
  }

  /** The informer showed an added object of `key`, or its creation failed. */
  creationObserved(key: string): void {
    const expectation = this.#expectations.get(key);
    if (expectation && expectation.creations > 0) expectation.creations--;
  }

  /** The informer showed the object deleted or marked for deletion, or its deletion failed. */
  deletionObserved(key: string, id: string): void {
    this.#expectations.get(key)?.deletions.delete(id);
  }

  /** Ticks off what a change shows of an object that these keys control; deletions go by its uid. */
  observe(keys: readonly string[], { type, object }: Pick<Change<KubeObject>, 'type' | 'object'>): void {
    for (const key of keys) {
      if (type === 'deleted' || object.metadata.deletionTimestamp) this.deletionObserved(key, object.metadata.uid ?? '');
      else if (type === 'added') this.creationObserved(key);
    }
  }

  /** Whether the informer shows all that was done (or it took too long): only then may objects be counted. */
  satisfied(key: string): boolean {
    const expectation = this.#expectations.get(key);
    if (!expectation) return true;
    if (expectation.creations === 0 && expectation.deletions.size === 0) return true;
    return this.#clock.monotonic() - expectation.since > TIMEOUT_MS;
  }

  /** Forgets a controlling object that is gone. */
  forget(key: string): void {
    this.#expectations.delete(key);
  }
}
