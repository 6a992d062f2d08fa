// Merging a configuration into a live value, and taking fields out of one.

import { isObject, setKey } from '../copy.ts';
import type { ApplyType, ListApplyType } from './apply-type.ts';
import { type FieldSet, type Fields, isMember } from './field-set.ts';
import { isLeafType, itemElements, ownedMember } from './typed-items.ts';

type Values = Record<string, unknown>;

/** The live value with what the configuration says. May share parts with both, neither of which is changed. */
export function mergeValues(live: unknown, config: unknown, type: ApplyType): unknown {
  if (config === undefined) return live;
  if (live === undefined || isLeafType(type)) return config;
  if (type.kind === 'list') return mergeLists(live, config, type);
  if (type.kind === 'deduced' && !(isObject(live) && isObject(config))) return config;
  if (!isObject(config)) return isObject(live) && Object.keys(live).length > 0 ? live : config;
  return isObject(live) ? mergeObjects(live, config, type) : config;
}

function mergeObjects(live: Values, config: Values, type: ApplyType): Values {
  const out = { ...live };
  for (const key of Object.keys(config)) {
    const member = ownedMember(type, key);
    const before = Object.hasOwn(live, key) ? live[key] : undefined;
    if (member) setKey(out, key, mergeValues(before, config[key], member));
    else if (config[key] !== null) setKey(out, key, config[key]); // names and versions, which are nobody's
  }
  return out;
}

function mergeLists(live: unknown, config: unknown, type: ListApplyType): unknown {
  if (!Array.isArray(config)) return Array.isArray(live) && live.length > 0 ? live : config;
  if (!Array.isArray(live)) return config;
  const before = itemElements(live, type);
  const wished = itemElements(config, type);
  if (!before || !wished) return config;
  const merged = new Map(wished.map((element, i) => [element, mergeValues(live[before.indexOf(element)], config[i], type.element)]));
  return mergedItems({ live, before, wished }, merged);
}

/**
 * The items of both lists: those of the configuration in its order, those that only the live list has where they stood before the next
 * item that both have.
 */
function mergedItems(
  lists: { live: readonly unknown[]; before: readonly string[]; wished: readonly string[] },
  merged: ReadonlyMap<string, unknown>,
): unknown[] {
  const { live, before, wished } = lists;
  const known = new Set(before);
  const shared = wished.filter((element) => known.has(element));
  const out: unknown[] = [];
  let at = 0;
  const takeUntil = (target: string | undefined): void => {
    for (; at < before.length && before[at] !== target; at++) if (!merged.has(before[at] ?? '')) out.push(live[at]);
  };
  for (const element of wished) {
    takeUntil(shared[0]);
    out.push(merged.get(element));
    if (element !== shared[0]) continue;
    if (before[at] === element) at++;
    shared.shift();
  }
  takeUntil(undefined);
  return out;
}

/** The value without the fields of a set. What becomes empty is null. Shares what is left with the value. */
export function removeFields(value: unknown, set: Fields, type: ApplyType): unknown {
  if (!set || isLeafType(type)) return value;
  if (type.kind === 'list') return Array.isArray(value) ? removeItems(value, set, type) : value;
  if (!isObject(value)) return value;
  const out: Values = {};
  for (const key of Object.keys(value)) {
    const node = set[`f:${key}`];
    const member = ownedMember(type, key);
    if (!node || !member) setKey(out, key, value[key]);
    else if (!isMember(node)) setKey(out, key, removeFields(value[key], node, member));
    else keepUnowned(out, key, { value: value[key], type: member });
  }
  return Object.keys(out).length > 0 ? out : null;
}

/** Of a struct that goes, what nobody may own stays: metadata never goes without the name, the uid and the version of its object. */
function keepUnowned(out: Values, key: string, { value, type }: { value: unknown; type: ApplyType }): void {
  if (type.kind !== 'struct' || !isObject(value)) return;
  const left = Object.entries(value).filter(([name]) => type.fields.get(name)?.owned === false);
  if (left.length > 0) setKey(out, key, Object.fromEntries(left));
}

function removeItems(list: readonly unknown[], set: FieldSet, type: ListApplyType): unknown {
  const elements = itemElements(list, type);
  if (!elements) return list;
  const out: unknown[] = [];
  elements.forEach((element, i) => {
    const node = set[element];
    if (!node) out.push(list[i]);
    else if (!isMember(node)) out.push(removeFields(list[i], node, type.element));
  });
  return out.length > 0 ? out : null;
}
