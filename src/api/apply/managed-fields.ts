// metadata.managedFields as values: who owns which fields. Format: https://kubernetes.io/docs/reference/using-api/server-side-apply/

import { deepEqual, isObject } from '../copy.ts';
import type { KubeObject } from '../object.ts';
import type { ManagedFieldsEntry } from '../types/meta-v1.gen.ts';
import { type FieldSet, type Fields, LEAF, nodeOf, union } from './field-set.ts';
import { canonicalElement } from './path-element.ts';

/** Who writes, and how. */
export interface ManagerName {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** The version in which its fields are named. */
  readonly apiVersion: string;
  /** `''` for the resource itself. */
  readonly subresource: string;
}

/** A manager and the fields it owns. */
export interface Manager extends ManagerName {
  /** When its set last changed, RFC 3339; undefined when that is not known. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** How many managers of updates an object has at most; the oldest become one, `ancient-changes`. */
const MAX_UPDATE_MANAGERS = 10;
/** Most bytes of a manager's name. */
export const MAX_MANAGER_BYTES = 128;

/** What tells managers apart: appliers keep theirs over versions, updaters have one for each. */
export function identityOf(name: ManagerName): string {
  const { manager, operation, apiVersion, subresource } = name;
  return JSON.stringify([manager, operation, operation === 'Update' ? apiVersion : '', subresource]);
}

/** The managers of entries that this server has written. */
export function storedManagers(entries: readonly ManagedFieldsEntry[]): Manager[] {
  return entries.flatMap((entry): Manager[] => {
    // Written by `entriesOf`: the fields are a set in canonical form.
    const fields = entry.fieldsV1 as FieldSet | undefined;
    return fields && Object.keys(fields).length > 0 ? [managerOf(entry, fields)] : [];
  });
}

function managerOf(entry: ManagedFieldsEntry, fields: FieldSet): Manager {
  const { manager = '', operation, apiVersion = '', subresource = '', time } = entry;
  return { manager, operation: operation === 'Apply' ? 'Apply' : 'Update', apiVersion, subresource, time: time ?? undefined, fields };
}

/** The managers of entries that a client has sent; undefined when one is malformed: then the client's word does not count. */
export function sentManagers(entries: readonly ManagedFieldsEntry[]): Manager[] | undefined {
  const out: Manager[] = [];
  for (const entry of entries) {
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') return undefined;
    if (entry.fieldsType !== 'FieldsV1' || Buffer.byteLength(entry.manager ?? '') > MAX_MANAGER_BYTES) return undefined;
    const set = canonicalSet(entry.fieldsV1 ?? {});
    if (set === 'malformed') return undefined;
    if (set) out.push(managerOf(entry, set));
  }
  return out;
}

/** Deepest set that is read: no object of the API is nested deeper. */
const MAX_DEPTH = 128;

function canonicalSet(value: unknown, depth = 0): Fields | 'malformed' {
  if (!isObject(value) || depth > MAX_DEPTH) return 'malformed';
  const children: Record<string, Fields> = {};
  for (const [text, below] of Object.entries(value)) {
    if (text === '.') continue;
    const element = canonicalElement(text);
    const node = canonicalSet(below, depth + 1);
    if (element === undefined || node === 'malformed') return 'malformed';
    children[element] = node ?? LEAF;
  }
  const isSelf = Object.hasOwn(value, '.') || Object.keys(value).length === 0;
  return nodeOf(children, depth > 0 && isSelf);
}

/** The entries of managers in canonical order. */
export function entriesOf(managers: readonly Manager[]): ManagedFieldsEntry[] {
  return [...managers].sort(inOrder).map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
    manager,
    operation,
    apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
    ...(subresource !== '' && { subresource }),
  }));
}

function inOrder(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time ?? '', b.time ?? '') ||
    compareText(a.manager, b.manager) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether two objects have the same managers with the same fields, whenever that was. */
export function sameOwners(a: KubeObject, b: KubeObject): boolean {
  const one = a.metadata.managedFields ?? [];
  const other = b.metadata.managedFields ?? [];
  if (one.length !== other.length) return false;
  // Without their times, entries stand in the order of the rest.
  const timeless = (entries: readonly ManagedFieldsEntry[]): Manager[] =>
    storedManagers(entriesOf(storedManagers(entries).map((manager) => ({ ...manager, time: undefined }))));
  return one === other || deepEqual(timeless(one), timeless(other));
}

/** The managers with the oldest updates of a version merged until there are few enough. */
export function capped(managers: readonly Manager[]): readonly Manager[] {
  const updaters = managers.filter((manager) => manager.operation === 'Update');
  let excess = updaters.length - MAX_UPDATE_MANAGERS;
  if (excess <= 0) return managers;
  updaters.sort((a, b) => compareText(a.time ?? '', b.time ?? '') || compareText(identityOf(a), identityOf(b)));
  const gone = new Set<Manager>();
  const buckets = new Map<string, { first: Manager; merged: Manager | undefined }>();
  for (const updater of updaters) {
    if (excess <= 0) break;
    const bucket = buckets.get(updater.apiVersion);
    if (!bucket) {
      buckets.set(updater.apiVersion, { first: updater, merged: undefined });
      continue;
    }
    const before = bucket.merged ?? bucket.first;
    const fields = union(updater.fields, before.fields) ?? updater.fields;
    bucket.merged = { ...updater, manager: 'ancient-changes', subresource: '', fields };
    gone.add(bucket.first).add(updater);
    excess--;
  }
  const ancient = [...buckets.values()].flatMap(({ merged }) => (merged ? [merged] : []));
  return [...managers.filter((manager) => !gone.has(manager)), ...ancient];
}
