// The fields that a value says: what an applier owns is what its configuration names.

import { isObject } from '../copy.ts';
import type { ApplyType, ListApplyType } from './apply-type.ts';
import { type FieldSet, type Fields, isMember, LEAF, nodeOf, withSelf } from './field-set.ts';
import { isLeafType, itemElements, ownedMember } from './typed-items.ts';

/** The set of fields of a value. Items of lists and keys of maps are fields themselves, structs are only what is in them. */
export function fieldsOf(value: unknown, type: ApplyType): Fields {
  if (isLeafType(type)) return LEAF;
  if (type.kind === 'list') return Array.isArray(value) ? fieldsOfList(value, type) : undefined;
  if (!isObject(value)) return type.kind === 'deduced' ? LEAF : undefined;
  const children: Record<string, Fields> = {};
  for (const key of Object.keys(value)) {
    const memberType = ownedMember(type, key);
    if (!memberType) continue;
    const item = value[key];
    const node = fieldsOf(item, memberType);
    const isField = type.kind !== 'struct' || item === null || (isObject(item) && Object.keys(item).length === 0);
    children[`f:${key}`] = isField ? withSelf(node) : node;
  }
  return nodeOf(children, false);
}

function fieldsOfList(list: readonly unknown[], type: ListApplyType): Fields {
  const elements = itemElements(list, type);
  if (!elements) return LEAF;
  const children: Record<string, Fields> = {};
  elements.forEach((element, i) => {
    children[element] = withSelf(fieldsOf(list[i], type.element));
  });
  return nodeOf(children, false);
}

/** The set with every struct on the way to one of its paths: what goes when all of it goes. */
export function withStructs(set: Fields, type: ApplyType | undefined): Fields {
  if (!set || !type) return set;
  const children: Record<string, Fields> = {};
  for (const element of Object.keys(set)) {
    if (element === '.') continue;
    const below: FieldSet | undefined = set[element];
    const isStructField = type.kind === 'struct' && element.startsWith('f:') && type.fields.has(element.slice(2));
    const node = withStructs(below, memberType(type, element));
    children[element] = isStructField ? withSelf(node) : node;
  }
  return nodeOf(children, isMember(set));
}

function memberType(type: ApplyType, element: string): ApplyType | undefined {
  return type.kind === 'list' ? type.element : ownedMember(type, element.slice(2));
}
