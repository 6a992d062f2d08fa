// JSON values: copying, freezing, comparing. Keys are treated as data, so `__proto__` in a request never reaches a prototype.

/** Sets an own property, also when the key is `__proto__`. */
export function setKey(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
  else target[key] = value;
}

/** Whether `value` is a JSON object: neither null nor an array nor a scalar. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Freezes a JSON value through and through and returns it. A part that is frozen already is taken to be frozen below. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) deepFreeze(item);
  return Object.freeze(value);
}

/** A copy of a JSON value that shares nothing with it and is not frozen. Properties that are undefined are left out. */
export function deepCopy<T>(value: T): T {
  // The copy has the shape of the original, which the compiler cannot see through the recursion.
  return copyValue(value) as T;
}

function copyValue(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyValue);
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) setKey(out, key, copyValue(item));
  return out;
}

/** A copy of a JSON value with the keys of all objects in order, as Go writes maps. */
export function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (!isObject(value)) return value;
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) setKey(out, key, sortedKeys(value[key]));
  return out;
}

/** Whether two JSON values are equal: order of keys does not count, a property that is undefined counts as absent. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => deepEqual(item, b[i]));
  }
  return equalObjects(new Map(Object.entries(a)), new Map(Object.entries(b)));
}

function equalObjects(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  for (const [key, value] of a) if (!deepEqual(value, b.get(key))) return false;
  for (const [key, value] of b) if (value !== undefined && !a.has(key)) return false;
  return true;
}
