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

const goName = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function memberForm(value: unknown, zero: InternalShape[string]): unknown {
  return typeof zero === 'object' && zero !== null ? internalForm(value, zero) : (value ?? zero);
}
