// Objects of a resource grouped by a value of theirs, e.g. pods by the node they are on. Kept in step by LiveReader.follow.

import { type KubeObject, keyOf } from '../../api/object.ts';
import type { Follower } from './live-reader.ts';

/** Groups objects; those without a value are in no group. Its size follows the objects. */
export class ObjectGroups<T extends KubeObject> implements Follower<T> {
  readonly #valueOf: (object: T) => string | undefined;
  readonly #groups = new Map<string, Map<string, T>>();
  readonly #groupOf = new Map<string, string>();

  constructor(valueOf: (object: T) => string | undefined) {
    this.#valueOf = valueOf;
  }

  /** The objects of a group. */
  of(value: string): Iterable<T> {
    return this.#groups.get(value)?.values() ?? [];
  }

  set(object: T): void {
    const key = keyOf(object);
    const value = this.#valueOf(object);
    if (this.#groupOf.get(key) !== value) this.remove(object);
    if (value === undefined) return;
    const group = this.#groups.get(value) ?? new Map<string, T>();
    group.set(key, object);
    this.#groups.set(value, group);
    this.#groupOf.set(key, value);
  }

  remove(object: T): void {
    const key = keyOf(object);
    const value = this.#groupOf.get(key);
    if (value === undefined) return;
    this.#groupOf.delete(key);
    const group = this.#groups.get(value);
    group?.delete(key);
    if (group?.size === 0) this.#groups.delete(value);
  }
}
