// Amounts of resources by name, as exact quantities: what limits, requests, quotas and capacities are added up and compared in. Pure.

import { parseQuantity, type Quantity } from './quantity.ts';

/** Amounts by resource name, e.g. `cpu`, `requests.memory`, `count/pods`. */
export type ResourceAmounts = ReadonlyMap<string, Quantity>;

/** Nothing at all. */
export const NO_AMOUNTS: ResourceAmounts = new Map();

/** Reads a ResourceList; an absent one is empty. @throws RangeError for a text that is no quantity */
export function parseAmounts(list: Readonly<Record<string, string>> | undefined): ResourceAmounts {
  return new Map(Object.entries(list ?? {}).map(([name, text]) => [name, parseQuantity(text)]));
}

/** The amounts as a ResourceList, names in order. */
export function formatAmounts(amounts: ResourceAmounts): Record<string, string> {
  return Object.fromEntries([...amounts].sort(byName).map(([name, amount]) => [name, amount.toString()]));
}

/** The sum by name. */
export function sumAmounts(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  const out = new Map(a);
  for (const [name, amount] of b) out.set(name, out.get(name)?.add(amount) ?? amount);
  return out;
}

/** The larger of both by name. */
export function mostAmounts(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  const out = new Map(a);
  for (const [name, amount] of b) {
    const other = out.get(name);
    if (!other || other.compare(amount) < 0) out.set(name, amount);
  }
  return out;
}

/** Those of the given names. */
export function pickAmounts(amounts: ResourceAmounts, names: Iterable<string>): ResourceAmounts {
  const wanted = new Set(names);
  return new Map([...amounts].filter(([name]) => wanted.has(name)));
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);
