// Sets of field paths, kept in the form of FieldsV1 itself: a tree of path elements, so that storing and sending a set costs nothing.
// Sets are immutable and share what they have in common. The empty set is undefined. Format: KEP-555, "Server-side Apply", and meta/v1 FieldsV1.

/**
 * A node of the tree: children by path element (`f:spec`, `k:{"name":"web"}`, `v:"x"`), in order. A node without children is a path of
 * the set; one with children is so only if it has the child `.`.
 */
export interface FieldSet {
  readonly [element: string]: FieldSet;
}

/** A set that may be empty. */
export type Fields = FieldSet | undefined;

/** The element that says that a node with children is itself a path of the set. */
const SELF = '.';

/** A path without children: one object for all, since most nodes of all sets are that. */
export const LEAF: FieldSet = Object.freeze({});

function isEmpty(node: FieldSet): boolean {
  for (const _ in node) return false;
  return true;
}

/** Whether the path of a node is in the set. */
export function isMember(node: FieldSet): boolean {
  return SELF in node || isEmpty(node);
}

/** The node's children: all elements but `.`. */
function childElements(node: FieldSet): string[] {
  return Object.keys(node).filter((element) => element !== SELF);
}

/** A node of these children (those that are undefined do not count), in canonical order; `member` = its own path is in the set. */
export function nodeOf(children: Readonly<Record<string, Fields>>, member: boolean): Fields {
  const out: Record<string, FieldSet> = {};
  let hasChildren = false;
  if (member) out[SELF] = LEAF;
  for (const element of Object.keys(children).sort()) {
    const child = children[element];
    if (!child) continue;
    out[element] = child;
    hasChildren = true;
  }
  if (hasChildren) return Object.freeze(out);
  return member ? LEAF : undefined;
}

/** The node with its own path in the set. */
export function withSelf(node: Fields): FieldSet {
  if (!node) return LEAF;
  return isMember(node) ? node : Object.freeze({ [SELF]: LEAF, ...node });
}

/** Builds `a` anew with other children; `a` itself when nothing differs. */
function rebuilt(a: FieldSet, member: boolean, child: (element: string, node: FieldSet) => Fields): Fields {
  const children: Record<string, Fields> = {};
  let changed = member !== isMember(a);
  for (const element of childElements(a)) {
    const node = a[element] ?? LEAF;
    const next = child(element, node);
    if (next !== node) changed = true;
    children[element] = next;
  }
  return changed ? nodeOf(children, member) : a;
}

/** The paths of either set. */
export function union(a: Fields, b: Fields): Fields {
  if (!b || a === b) return a;
  if (!a) return b;
  const children: Record<string, Fields> = {};
  const member = isMember(a) || isMember(b);
  let changed = member !== isMember(a);
  for (const element of childElements(a)) children[element] = a[element];
  for (const element of childElements(b)) {
    const own = a[element];
    const both = union(own, b[element]);
    if (both !== own) changed = true;
    children[element] = both;
  }
  return changed ? nodeOf(children, member) : a;
}

/** The paths of `a` that are not in `b`. */
export function difference(a: Fields, b: Fields): Fields {
  if (!a || !b) return a;
  if (a === b) return undefined;
  return rebuilt(a, isMember(a) && !isMember(b), (element, node) => difference(node, b[element]));
}

/** The paths of both sets. */
export function intersection(a: Fields, b: Fields): Fields {
  if (!a || !b) return undefined;
  if (a === b) return a;
  return rebuilt(a, isMember(a) && isMember(b), (element, node) => intersection(node, b[element]));
}

/** The paths of `a` that are neither in `b` nor below a path of `b`. */
export function differenceBelow(a: Fields, b: Fields): Fields {
  if (!a || !b) return a;
  if (isMember(b)) return undefined;
  return rebuilt(a, isMember(a), (element, node) => differenceBelow(node, b[element]));
}

/** Whether two sets have the same paths. */
export function equalFields(a: Fields, b: Fields): boolean {
  if (a === b) return true;
  if (!a || !b || isMember(a) !== isMember(b)) return false;
  const elements = childElements(a);
  return elements.length === childElements(b).length && elements.every((element) => b[element] && equalFields(a[element], b[element]));
}

/** Calls `visit` with the elements of each path of the set, as upstream goes through them: the paths that end at a level, then what is below. */
export function eachPath(set: Fields, visit: (path: readonly string[]) => void, at: readonly string[] = []): void {
  if (!set) return;
  const elements = childElements(set);
  for (const element of elements) {
    const child = set[element];
    if (child && isMember(child)) visit([...at, element]);
  }
  for (const element of elements) eachPath(set[element], visit, [...at, element]);
}
