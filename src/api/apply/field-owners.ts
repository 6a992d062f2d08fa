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

/** What a write makes of an object, in a version that it did not come through: what managers of that version lose is told there. */
export interface OtherForm extends Pick<FieldWrite, 'type' | 'reset'> {
  readonly live: unknown;
  readonly now: unknown;
}

/** An object before and after a write, and the same by apiVersion in the versions of managers that write through others. */
export interface WrittenObject {
  readonly live: unknown;
  readonly now: unknown;
  readonly others?: ReadonlyMap<string, OtherForm>;
}

/** The managers after an update from `live` to `now`; the same array when nothing that counts has changed. */
export function ownersAfterUpdate(managers: readonly Manager[], written: WrittenObject, write: FieldWrite): readonly Manager[] {
  const change = changeOf(written.live, written.now, write);
  if (!change) return managers;
  const id = identityOf(write.by);
  const own = managers.find((manager) => identityOf(manager) === id);
  const taken = changedFields(change);
  const others = withoutFields(managers, changesByVersion(written, change), own);
  if (!taken) {
    const left = own && difference(own.fields, change.removed);
    return !own || !left ? others : [...others, left === own.fields ? own : { ...own, fields: left }];
  }
  const fields = union(own && difference(own.fields, change.removed), taken) ?? taken;
  return capped([...others, { ...write.by, time: write.time, fields }]);
}

/** The change in the terms of a manager: those of the version it writes through. */
type Changes = (manager: Manager) => Change | undefined;

function changesByVersion({ others }: WrittenObject, change: Change | undefined): Changes {
  if (!others || others.size === 0) return () => change;
  const changes = new Map([...others].map(([apiVersion, form]) => [apiVersion, changeOf(form.live, form.now, form)]));
  return ({ apiVersion }) => (changes.has(apiVersion) ? changes.get(apiVersion) : change);
}

function changeOf(live: unknown, now: unknown, write: Pick<FieldWrite, 'type' | 'reset'>): Change | undefined {
  const change = compareValues(live, now, write.type);
  if (!change || !write.reset) return change;
  const added = differenceBelow(change.added, write.reset);
  const modified = differenceBelow(change.modified, write.reset);
  const removed = differenceBelow(change.removed, write.reset);
  return added || modified || removed ? { added, modified, removed } : undefined;
}

/** The managers but `self`, without the fields that have changed; those who are left with none are gone. */
function withoutFields(managers: readonly Manager[], changes: Changes, self: Manager | undefined): Manager[] {
  return managers.flatMap((manager): Manager[] => {
    if (manager === self) return [];
    const change = changes(manager);
    const fields = difference(manager.fields, union(changedFields(change), change?.removed));
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

/** Applies `config` to `live`. Managers are those with force: whether conflicts are allowed is for the caller to say. All are of one version. */
export function applyConfiguration(managers: readonly Manager[], objects: { live: unknown; config: unknown }, write: FieldWrite): Applied {
  const merging = mergedConfiguration(managers, objects, write);
  const { others, before, merged, fields } = merging;
  const now = prune(merged, { last: before?.fields, owned: unionOf(others, fields) }, write.type);
  return appliedOwners(merging, { live: objects.live, now }, write);
}

/** An apply under way: the configuration is merged in, and what the applier has abandoned is still there. */
export interface Merging {
  readonly merged: unknown;
  /** The fields that the configuration says. */
  readonly fields: Fields;
  /** The applier as it was. */
  readonly before: Manager | undefined;
  readonly others: readonly Manager[];
}

/** The first step of an apply. */
export function mergedConfiguration(
  managers: readonly Manager[],
  { live, config }: { live: unknown; config: unknown },
  { by, type, reset }: FieldWrite,
): Merging {
  const id = identityOf(by);
  const before = managers.find((manager) => identityOf(manager) === id);
  const others = managers.filter((manager) => manager !== before);
  return { merged: mergeValues(live, config, type), fields: differenceBelow(fieldsOf(config, type), reset), before, others };
}

/** The last step of an apply: who owns what of the pruned object. */
export function appliedOwners({ before, others, fields }: Merging, written: WrittenObject, write: FieldWrite): Applied {
  const change = changeOf(written.live, written.now, write);
  const changes = changesByVersion(written, change);
  const conflicts = others.flatMap((manager): Conflict[] => {
    const lost = intersection(manager.fields, changedFields(changes(manager)));
    return lost ? [{ with: manager, fields: lost }] : [];
  });
  const left = withoutFields(others, changes, undefined);
  const self = applier(before, fields, { change, write });
  return { object: written.now, managers: self ? [...left, self] : left, conflicts };
}

/** The applier's entry: as it was when neither the object nor its fields have changed. */
function applier(before: Manager | undefined, fields: Fields, way: { change: Change | undefined; write: FieldWrite }): Manager | undefined {
  if (!fields) return undefined;
  const { by, time } = way.write;
  if (before && !way.change && before.apiVersion === by.apiVersion && equalFields(before.fields, fields)) return before;
  return { ...by, time, fields };
}

/** The fields of the managers, and others. */
function unionOf(managers: readonly Manager[], fields: Fields): Fields {
  return managers.reduce<Fields>((all, manager) => union(all, manager.fields), fields);
}

/**
 * Takes out what the applier had (`last`) and nobody owns any more. A struct goes with its last owned field; an item of a list goes with
 * everything in it that nobody else put there.
 */
function prune(merged: unknown, sets: { last: Fields; owned: Fields }, type: ApplyType): unknown {
  const { last, owned } = sets;
  if (!difference(last, owned)) return merged;
  const kept = withOwned(merged, { pruned: withoutSet(merged, last, type), owned }, type);
  return withDangling(merged, { kept, last }, type);
}

/** The object without the fields of a set, and the structs on the way to them. */
export function withoutSet(merged: unknown, set: Fields, type: ApplyType): unknown {
  return removeFields(merged, withStructs(set, type), type);
}

/** The pruned object with those fields of the merged one that somebody owns. */
export function withOwned(merged: unknown, { pruned, owned }: { pruned: unknown; owned: Fields }, type: ApplyType): unknown {
  const stay = union(allOf(pruned, type), withStructs(owned, type));
  return removeFields(merged, difference(allOf(merged, type), stay), type);
}

/** What is kept, with those fields of the merged object that went although the applier had not had them. */
export function withDangling(merged: unknown, { kept, last }: { kept: unknown; last: Fields }, type: ApplyType): unknown {
  const lost = difference(allOf(merged, type), allOf(kept, type));
  return removeFields(merged, intersection(lost, withStructs(last, type)), type) ?? {};
}

const allOf = (value: unknown, type: ApplyType): Fields => withStructs(fieldsOf(value, type), type);
