// Some of upstream's faults show a value in its internal form, which has no JSON names: members under Go's names, absent ones at their zero.
// Clients compare such texts, so they are made here. Pure.

/** The members of a type in order, by JSON name: the zero value of each, or the form of what it holds. */
export interface InternalShape {
  readonly [name: string]: InternalShape | string | number | boolean | null;
}

/** The value as upstream shows it; an absent one is null, of a list each item is shown. */
export function internalForm(value: unknown, shape: InternalShape): unknown {
  if (Array.isArray(value)) return value.map((item) => internalForm(item, shape));
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(Object.entries(shape).map(([name, zero]) => [goName(name), memberForm(Reflect.get(value, name), zero)]));
}

/** What Go writes in capitals, by its JSON name. */
const CAPITALS: Readonly<Record<string, string>> = { apiVersion: 'APIVersion', cel: 'CEL', uid: 'UID' };

const goName = (name: string): string => CAPITALS[name] ?? name.charAt(0).toUpperCase() + name.slice(1);

function memberForm(value: unknown, zero: InternalShape[string]): unknown {
  // Go's absent lists and empty ones are told apart by nobody else: decoding leaves out both.
  if (Array.isArray(value) && value.length === 0) return null;
  return typeof zero === 'object' && zero !== null ? internalForm(value, zero) : (value ?? zero);
}
