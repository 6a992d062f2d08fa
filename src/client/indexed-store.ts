// The objects an informer holds: by key, by namespace, by declared indexes. Holds references only: in the process of the API
// server these are the very objects of the store.

import { type KubeObject, keyOf } from '../api/object.ts';
import type { Change, Indexers, Lister } from './informer.ts';

/** Index that every store has: objects by namespace. Filled when first asked for. */
const BY_NAMESPACE = 'namespace';

type IndexFunction<T> = (object: T) => readonly string[];
type Index<T> = Map<string, Map<string, T>>;

/** A mutable lister. Every mutation returns the changes it was, in order. */
export class IndexedStore<T extends KubeObject> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  readonly #functions = new Map<string, IndexFunction<T>>([[BY_NAMESPACE, (object) => [object.metadata.namespace ?? '']]]);
  /** Index name → value → key → object; an index is built when first used. */
  readonly #indexes = new Map<string, Index<T>>();

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  list(namespace?: string): T[] {
    return namespace === undefined || namespace === '' ? [...this.#objects.values()] : this.byIndex(BY_NAMESPACE, namespace);
  }

  byIndex(index: string, value: string): T[] {
    return [...(this.#index(index).get(value)?.values() ?? [])];
  }

  /** Declares indexes; a name that is declared already keeps its function. */
  addIndexers(indexers: Indexers<T>): void {
    for (const [name, index] of Object.entries(indexers)) if (!this.#functions.has(name)) this.#functions.set(name, index);
  }

  /** Puts `object` in place of the one of its key. An object of another uid is a deletion and an addition. */
  put(object: T): Change<T>[] {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (old && old.metadata.resourceVersion === object.metadata.resourceVersion && old.metadata.uid === object.metadata.uid) return [];
    this.#set(key, old, object);
    if (!old) return [{ type: 'added', object }];
    if (old.metadata.uid === object.metadata.uid) return [{ type: 'modified', object, old }];
    return [
      { type: 'deleted', object: old },
      { type: 'added', object },
    ];
  }

  /** Removes the object of `object`'s key; the change carries `object`, the last known state. */
  remove(object: T): Change<T>[] {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    if (!old) return [];
    this.#set(key, old, undefined);
    return [{ type: 'deleted', object }];
  }

  /** Puts all `objects` and removes every other. */
  replace(objects: Iterable<T>): Change<T>[] {
    const gone = new Map(this.#objects);
    const changes: Change<T>[] = [];
    for (const object of objects) {
      gone.delete(keyOf(object));
      changes.push(...this.put(object));
    }
    for (const object of gone.values()) changes.push(...this.remove(object));
    return changes;
  }

  #set(key: string, old: T | undefined, object: T | undefined): void {
    if (object) this.#objects.set(key, object);
    else this.#objects.delete(key);
    for (const [name, index] of this.#indexes) {
      const valuesOf = this.#functions.get(name);
      if (!valuesOf) continue;
      for (const value of old ? valuesOf(old) : []) unlink(index, value, key);
      for (const value of object ? valuesOf(object) : []) link(index, { value, key, object });
    }
  }

  #index(name: string): Index<T> {
    const built = this.#indexes.get(name);
    if (built) return built;
    const valuesOf = this.#functions.get(name);
    if (!valuesOf) throw new RangeError(`index ${name} was not declared`);
    const index: Index<T> = new Map();
    for (const [key, object] of this.#objects) for (const value of valuesOf(object)) link(index, { value, key, object });
    this.#indexes.set(name, index);
    return index;
  }
}

function link<T>(index: Index<T>, entry: { value: string; key: string; object: T | undefined }): void {
  if (!entry.object) return;
  const objects = index.get(entry.value);
  if (objects) objects.set(entry.key, entry.object);
  else index.set(entry.value, new Map([[entry.key, entry.object]]));
}

function unlink<T>(index: Index<T>, value: string, key: string): void {
  const objects = index.get(value);
  objects?.delete(key);
  if (objects?.size === 0) index.delete(value);
}
