// Lists seen as sets: the items of a list by their path element.

import type { ApplyType, ListApplyType } from './apply-type.ts';
import { keyElement, valueElement } from './path-element.ts';

/** The element of one item. @throws TypeError when it has none */
export function itemElement(item: unknown, type: ListApplyType): string {
  return type.merge === 'map' ? keyElement(item, type.keys) : valueElement(item);
}

/** The elements of all items, or undefined when one has none: such a list is taken as a whole. */
export function itemElements(list: readonly unknown[], type: ListApplyType): string[] | undefined {
  if (type.merge === 'atomic') return undefined;
  try {
    return list.map((item) => itemElement(item, type));
  } catch {
    return undefined; // an item that has no key: validation tells the client
  }
}

/** Whether a value of the type is one field, whatever is in it. */
export function isLeafType(type: ApplyType): boolean {
  switch (type.kind) {
    case 'scalar':
    case 'any':
      return true;
    case 'list':
      return type.merge === 'atomic';
    case 'deduced':
      return false;
    default:
      return type.atomic;
  }
}

/** The type of a member of an object; undefined for a name that the type does not know, or whose field nobody may own. */
export function ownedMember(type: ApplyType, name: string): ApplyType | undefined {
  if (type.kind === 'map') return type.element;
  if (type.kind === 'deduced') return type;
  if (type.kind !== 'struct') return undefined;
  const field = type.fields.get(name);
  return field?.owned ? field.type : undefined;
}
