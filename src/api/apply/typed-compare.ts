// What differs between two values, as sets of fields.

import { deepEqual, isObject } from '../copy.ts';
import type { ApplyType, ListApplyType } from './apply-type.ts';
import { type FieldSet, type Fields, LEAF, nodeOf, union } from './field-set.ts';
import { isLeafType, itemElements, ownedMember } from './typed-items.ts';

/** The fields that differ. A value that comes or goes is there with everything in it. */
export interface Change {
  readonly added: Fields;
  readonly modified: Fields;
  readonly removed: Fields;
}

const ADDED: Change = { added: LEAF, modified: undefined, removed: undefined };
const MODIFIED: Change = { added: undefined, modified: LEAF, removed: undefined };
const REMOVED: Change = { added: undefined, modified: undefined, removed: LEAF };

type Children = Record<string, Fields>;

/** Changes of children, gathered only when there are any. */
class ChangedChildren {
  #added: Children | undefined;
  #modified: Children | undefined;
  #removed: Children | undefined;

  put(element: string, change: Change | undefined): void {
    if (!change) return;
    this.#added = withChild(this.#added, element, change.added);
    this.#modified = withChild(this.#modified, element, change.modified);
    this.#removed = withChild(this.#removed, element, change.removed);
  }

  /** The change of the parent. */
  ofParent(): Change | undefined {
    const added = this.#added && nodeOf(this.#added, false);
    const modified = this.#modified && nodeOf(this.#modified, false);
    const removed = this.#removed && nodeOf(this.#removed, false);
    return added || modified || removed ? { added, modified, removed } : undefined;
  }
}

/** Puts a child into `children`, which are made when the first one comes. */
function withChild(children: Children | undefined, element: string, node: Fields): Children | undefined {
  if (!node) return children;
  const all = children ?? {};
  all[element] = node;
  return all;
}

/** What differs between two values of a type; undefined when nothing does. An absent value is undefined. */
export function compareValues(old: unknown, now: unknown, type: ApplyType): Change | undefined {
  if (old === now) return undefined;
  if (old === undefined) return { added: wholeFields(now, type), modified: undefined, removed: undefined };
  if (now === undefined) return { added: undefined, modified: undefined, removed: wholeFields(old, type) };
  if (isLeaf(old, now, type)) return leafChange(old, now);
  if (type.kind === 'list') return compareLists(old, now, type);
  const before = isObject(old) ? old : {};
  const after = isObject(now) ? now : {};
  const children = new ChangedChildren();
  for (const key of Object.keys(after)) compareMember(children, key, { type, old: own(before, key), now: after[key] });
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(after, key)) compareMember(children, key, { type, old: before[key], now: undefined });
  }
  return children.ofParent();
}

const own = (object: Record<string, unknown>, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);

function compareMember(children: ChangedChildren, key: string, pair: { type: ApplyType; old: unknown; now: unknown }): void {
  const member = ownedMember(pair.type, key);
  if (member) children.put(`f:${key}`, compareValues(pair.old, pair.now, member));
}

/** Two empty values are one field: so absent, null and empty stay apart. */
function isLeaf(old: unknown, now: unknown, type: ApplyType): boolean {
  if (isLeafType(type) || (isVoid(old) && isVoid(now))) return true;
  const fits = type.kind === 'list' ? Array.isArray : isObject;
  return (hasValue(old) && !fits(old)) || (hasValue(now) && !fits(now));
}

const hasValue = (value: unknown): boolean => value !== undefined && value !== null;

function isVoid(value: unknown): boolean {
  return !hasValue(value) || (typeof value === 'object' && Object.keys(value ?? {}).length === 0);
}

function leafChange(old: unknown, now: unknown): Change | undefined {
  return deepEqual(old, now) ? undefined : MODIFIED;
}

/** All fields of a value that comes or goes, the containers among them too. */
function wholeFields(value: unknown, type: ApplyType): FieldSet {
  if (isLeaf(value, value, type)) return LEAF;
  const children: Children = {};
  if (type.kind === 'list') {
    const items = indexed(value, type);
    if (!items) return LEAF;
    for (const [element, [item, ...more]] of items) children[element] = more.length > 0 ? LEAF : wholeFields(item, type.element);
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const member = ownedMember(type, key);
      if (member) children[`f:${key}`] = wholeFields(value[key], member);
    }
  }
  return nodeOf(children, true) ?? LEAF;
}

function compareLists(old: unknown, now: unknown, type: ListApplyType): Change | undefined {
  const before = indexed(old, type);
  const after = indexed(now, type);
  if (!before || !after) return leafChange(old, now);
  const children = new ChangedChildren();
  for (const [element, items] of after) children.put(element, compareItems(before.get(element) ?? [], items, type));
  for (const [element, items] of before) if (!after.has(element)) children.put(element, compareItems(items, [], type));
  return children.ofParent();
}

/** Items by element. Objects that were never applied may hold an item twice. */
function indexed(list: unknown, type: ListApplyType): Map<string, unknown[]> | undefined {
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  const elements = itemElements(items, type);
  if (!elements) return undefined;
  const out = new Map<string, unknown[]>();
  elements.forEach((element, i) => {
    const known = out.get(element);
    if (known) known.push(items[i]);
    else out.set(element, [items[i]]);
  });
  return out;
}

function compareItems(old: readonly unknown[], now: readonly unknown[], type: ListApplyType): Change | undefined {
  if (old.length <= 1 && now.length <= 1) return compareValues(old[0], now[0], type.element);
  if (old.length === 0) return ADDED;
  if (now.length === 0) return REMOVED;
  return deepEqual(old, now) ? undefined : MODIFIED;
}

/** All fields of a change that the new value has. */
export function changedFields(change: Change | undefined): Fields {
  return change && union(change.modified, change.added);
}
