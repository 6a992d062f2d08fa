// Who owns what after a write: the rules of field management. Pure: managers and values in, managers and values out.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/ and KEP-555.

import type { Conflict } from './apply-conflict.ts';
import type { ApplyType } from './apply-type.ts';
import { difference, differenceBelow, equalFields, type Fields, intersection, union } from './field-set.ts';
import { capped, identityOf, type Manager, type ManagerName } from './managed-fields.ts';
import { type Change, changedFields, compareValues } from './typed-compare.ts';
import { fieldsOf, withStructs } from './typed-fields.ts';
import { mergeValues, removeFields } from './typed-merge.ts';

/** A write: by whom, when, of what type, and which fields (with all below them) it cannot change whatever it says. */
export interface FieldWrite {
  readonly by: ManagerName;
  /** RFC 3339. */
  readonly time: string;
  readonly type: ApplyType;
  readonly reset: Fields;
}

/** The managers after an update from `live` to `now`; the same array when nothing that counts has changed. */
export function ownersAfterUpdate(
  managers: readonly Manager[],
  objects: { live: unknown; now: unknown },
  write: FieldWrite,
): readonly Manager[] {
  const change = changeOf(objects.live, objects.now, write);
  if (!change) return managers;
  const id = identityOf(write.by);
  const own = managers.find((manager) => identityOf(manager) === id);
  const taken = changedFields(change);
  const others = withoutFields(managers, union(taken, change.removed), own);
  if (!taken) {
    const left = own && difference(own.fields, change.removed);
    return !own || !left ? others : [...others, left === own.fields ? own : { ...own, fields: left }];
  }
  const fields = union(own && difference(own.fields, change.removed), taken) ?? taken;
  return capped([...others, { ...write.by, time: write.time, fields }]);
}

function changeOf(live: unknown, now: unknown, write: FieldWrite): Change | undefined {
  const change = compareValues(live, now, write.type);
  if (!change || !write.reset) return change;
  const added = differenceBelow(change.added, write.reset);
  const modified = differenceBelow(change.modified, write.reset);
  const removed = differenceBelow(change.removed, write.reset);
  return added || modified || removed ? { added, modified, removed } : undefined;
}

/** The managers but `self`, without the fields; those who are left with none are gone. */
function withoutFields(managers: readonly Manager[], lost: Fields, self: Manager | undefined): Manager[] {
  return managers.flatMap((manager): Manager[] => {
    if (manager === self) return [];
    const fields = difference(manager.fields, lost);
    if (!fields) return [];
    return [fields === manager.fields ? manager : { ...manager, fields }];
  });
}

/** What an apply makes of an object. */
export interface Applied {
  /** The object with the configuration merged in and abandoned fields taken out; not decoded, without defaults. */
  readonly object: unknown;
  readonly managers: readonly Manager[];
  /** What others own and would lose. With force it is taken from them. */
  readonly conflicts: readonly Conflict[];
}

/** Applies `config` to `live`. Managers are those with force: whether conflicts are allowed is for the caller to say. */
export function applyConfiguration(managers: readonly Manager[], objects: { live: unknown; config: unknown }, write: FieldWrite): Applied {
  const { live, config } = objects;
  const id = identityOf(write.by);
  const before = managers.find((manager) => identityOf(manager) === id);
  const others = managers.filter((manager) => manager !== before);
  const fields = differenceBelow(fieldsOf(config, write.type), write.reset);
  const merged = mergeValues(live, config, write.type);
  const owned = others.reduce<Fields>((all, manager) => union(all, manager.fields), fields);
  const object = prune(merged, { last: before?.fields, owned }, write.type);
  const change = changeOf(live, object, write);
  const taken = changedFields(change);
  const conflicts = others.flatMap((manager): Conflict[] => {
    const lost = intersection(manager.fields, taken);
    return lost ? [{ with: manager, fields: lost }] : [];
  });
  const left = withoutFields(others, union(taken, change?.removed), undefined);
  const self = applier(before, fields, { change, write });
  return { object, managers: self ? [...left, self] : left, conflicts };
}

/** The applier's entry: as it was when neither the object nor its fields have changed. */
function applier(before: Manager | undefined, fields: Fields, way: { change: Change | undefined; write: FieldWrite }): Manager | undefined {
  if (!fields) return undefined;
  const { by, time } = way.write;
  if (before && !way.change && before.apiVersion === by.apiVersion && equalFields(before.fields, fields)) return before;
  return { ...by, time, fields };
}

/**
 * Takes out what the applier had (`last`) and nobody owns any more. A struct goes with its last owned field; an item of a list goes with
 * everything in it that nobody else put there.
 */
function prune(merged: unknown, sets: { last: Fields; owned: Fields }, type: ApplyType): unknown {
  const { last, owned } = sets;
  if (!difference(last, owned)) return merged;
  const gone = withStructs(last, type);
  const all = withStructs(fieldsOf(merged, type), type);
  const stay = withStructs(fieldsOf(removeFields(merged, gone, type), type), type);
  const kept = removeFields(merged, difference(all, union(stay, withStructs(owned, type))), type);
  const left = withStructs(fieldsOf(kept, type), type);
  return removeFields(merged, intersection(difference(all, left), gone), type) ?? {};
}
