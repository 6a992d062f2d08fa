// Path elements: one step from an object to a part of it, in the text form of FieldsV1 keys.

import { isObject } from '../copy.ts';

/** A key field of a list of objects, with the value an item has that leaves it out. */
export interface ListKey {
  readonly name: string;
  readonly default: unknown;
}

/** The element of an item of a set. @throws TypeError when the item is no scalar */
export function valueElement(item: unknown): string {
  if (isObject(item)) throw new TypeError("associative list without keys has an element that's a map type");
  if (Array.isArray(item)) throw new TypeError('not supported: associative list with lists as elements');
  if (item === null || item === undefined) throw new TypeError("associative list without keys has an element that's an explicit null");
  return `v:${JSON.stringify(item)}`;
}

/** The element of an item of a list with keys, which are in alphabetical order. @throws TypeError when the item lacks a key */
export function keyElement(item: unknown, keys: readonly ListKey[]): string {
  if (item === null || item === undefined) throw new TypeError('associative list with keys may not have a null element');
  if (!isObject(item)) throw new TypeError('associative list with keys may not have non-map elements');
  const parts = keys.map((key) => {
    const value = Object.hasOwn(item, key.name) ? item[key.name] : key.default;
    if (value !== undefined) return `${JSON.stringify(key.name)}:${JSON.stringify(value)}`;
    throw new TypeError(
      `associative list with keys has an element that omits key field ${JSON.stringify(key.name)} (and doesn't have default value)`,
    );
  });
  return `k:{${parts.join(',')}}`;
}

/** The canonical form of an element that a client wrote, or undefined when it is none. */
export function canonicalElement(text: string): string | undefined {
  if (text.startsWith('f:')) return text;
  if (/^i:\d{1,9}$/.test(text)) return `i:${Number(text.slice(2))}`;
  if (!text.startsWith('k:') && !text.startsWith('v:')) return undefined;
  const value = parsed(text.slice(2));
  if (value === undefined) return undefined;
  if (text.startsWith('v:')) return `v:${JSON.stringify(value)}`;
  if (!isObject(value)) return undefined;
  const parts = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify(value[name])}`);
  return `k:{${parts.join(',')}}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no element: the caller says so
  }
}

/** The element as conflicts and errors show it: `.spec`, `[name="web"]`, `[="x"]`, `[0]`. */
function elementText(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('i:')) return `[${rest}]`;
  if (element.startsWith('v:')) return `[=${rest}]`;
  const keys = parsed(rest);
  const parts = Object.entries(isObject(keys) ? keys : {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `[${parts.join(',')}]`;
}

/** The path as conflicts and errors show it, e.g. `.spec.containers[name="web"].image`. */
export function pathText(path: readonly string[]): string {
  return path.map(elementText).join('');
}
