// What calls cost: counted when they run, and estimated from the sizes that types allow.
// Rules: "Resource use by CEL functions" of the Kubernetes documentation. A change here changes which rules clusters accept.

import {
  AUTHORIZER,
  CIDR,
  DECISION,
  FORMAT_TYPE,
  GROUP_CHECK,
  IP,
  PATH_CHECK,
  QUANTITY,
  RESOURCE_CHECK,
  SEMVER,
  URL_TYPE,
} from '../opaque-types.ts';
import { CelList, CelMap, type CelValue, sizeOf } from '../values.ts';
import { exactly, plus, type Range, scaled, times, UNBOUNDED, union, ZERO } from './cost-range.ts';

/** What the estimate knows of an argument. */
export interface SizedArgument {
  readonly size: Range;
  /** The size of one item, if it is a list of strings or bytes. */
  readonly itemSize: Range | undefined;
  /** Whether it is a list of anything. */
  readonly isList: boolean;
  /** The name of its type, if that is one of a library. */
  readonly opaque: string | undefined;
  /** Its value, if that is a literal. */
  readonly constant: CelValue | undefined;
}

/** An estimate: what the call costs, and how big its result can be. */
export interface CallEstimate {
  readonly cost: Range;
  readonly size?: Range;
}

/** What one overload costs. The receiver of a method is the first argument. */
export interface CostModel {
  /** Units of a call that has been made. */
  count(args: readonly CelValue[], result: CelValue): number;
  estimate(args: readonly SizedArgument[]): CallEstimate;
  /** Upstream counts it only where the types leave one overload; else the call has one unit. */
  readonly onlyResolved?: boolean;
  /** It is counted before the call runs, since that may take long; the result says nothing of its cost. */
  readonly early?: boolean;
}

/** Units for reading one character. */
const TRAVERSAL = 0.1;
/** Units for one character of a regular expression. */
const PATTERN = 0.25;
/** What an authorization check costs: two of them use up most of what one expression may cost. */
const AUTHORIZATION = 350_000;

const NO_ARGUMENT: SizedArgument = {
  size: { min: 0, max: UNBOUNDED },
  itemSize: undefined,
  isList: false,
  opaque: undefined,
  constant: undefined,
};
const at = (args: readonly SizedArgument[], index: number): SizedArgument => args[index] ?? NO_ARGUMENT;
const actual = (args: readonly CelValue[], index: number): number => sizeOf(args[index] ?? null);
const fixed = (units: number): CostModel => ({ count: () => units, estimate: () => ({ cost: exactly(units) }) });

/** One unit: what most calls cost. */
export const ONE = fixed(1);
/** A check of the authorizer. */
export const AUTHORIZATION_CHECK = fixed(AUTHORIZATION);

/** Reading the argument of that index once; the result is as long as it, where `keepsSize`. */
function reading(index: number, { factor = TRAVERSAL, keepsSize = false } = {}): CostModel {
  return {
    count: (args) => Math.ceil(actual(args, index) * factor),
    estimate: (args) => {
      const { size } = at(args, index);
      return keepsSize ? { cost: scaled(size, factor), size } : { cost: scaled(size, factor) };
    },
  };
}

/** Reading the receiver. */
export const READ_FIRST = reading(0);
/** Reading the receiver and writing as much. */
export const TRANSFORM = reading(0, { keepsSize: true });
/** `x.startsWith(y)`: upstream counts the receiver and estimates the argument. */
export const AFFIX: CostModel = { count: READ_FIRST.count, estimate: reading(1).estimate };
/** Parsing a string and comparing it with what came out. */
export const READ_TWICE = reading(0, { factor: 2 * TRAVERSAL });

/** bytes(string): a character has up to four bytes. */
export const ENCODE: CostModel = {
  count: READ_FIRST.count,
  estimate: (args) => ({
    cost: scaled(at(args, 0).size, TRAVERSAL),
    size: { min: at(args, 0).size.min, max: Math.min(at(args, 0).size.max * 4, UNBOUNDED) },
  }),
};
/** string(bytes). */
export const DECODE: CostModel = {
  count: READ_FIRST.count,
  estimate: (args) => ({
    cost: scaled(at(args, 0).size, TRAVERSAL),
    size: { min: Math.floor(at(args, 0).size.min / 4), max: at(args, 0).size.max },
  }),
};

/** `x in list`. */
export const SEARCH_LIST: CostModel = {
  onlyResolved: true,
  count: (args) => actual(args, 1),
  estimate: (args) => ({ cost: at(args, 1).size }),
};

/** Equality and order: as far as the shorter one goes. */
export const COMPARE: CostModel = {
  onlyResolved: true,
  count: (args) => Math.ceil(Math.min(actual(args, 0), actual(args, 1)) * TRAVERSAL),
  estimate: (args) => {
    const max = Math.min(at(args, 0).size.max, at(args, 1).size.max);
    return { cost: scaled({ min: max > 0 ? 1 : 0, max }, TRAVERSAL) };
  },
};

/** Types whose values upstream compares in one step; other types of libraries it estimates by sizes, which it does not know of most. */
const ONE_STEP = new Set([IP, CIDR, QUANTITY, SEMVER, AUTHORIZER, PATH_CHECK, GROUP_CHECK, RESOURCE_CHECK, DECISION]);
const FORMAT_NAME: Range = { min: 1, max: 64 };

/** `==`: upstream knows what comparing two values of one of its libraries' types costs; it does not for `!=`. */
export const EQUALS: CostModel = {
  count: COMPARE.count,
  estimate: (args) => {
    const [left, right] = [at(args, 0), at(args, 1)];
    if (left.opaque === undefined || left.opaque !== right.opaque) return COMPARE.estimate(args);
    if (ONE_STEP.has(left.opaque)) return { cost: exactly(1) };
    if (left.opaque === FORMAT_TYPE) return { cost: scaled(FORMAT_NAME, TRAVERSAL) };
    return left.opaque === URL_TYPE ? { cost: scaled({ min: 1, max: right.size.max }, TRAVERSAL) } : COMPARE.estimate(args);
  },
};

/** Joining two strings or byte strings. */
export const CONCATENATE: CostModel = {
  onlyResolved: true,
  count: (args) => Math.ceil((actual(args, 0) + actual(args, 1)) * TRAVERSAL),
  estimate: (args) => {
    const size = plus(at(args, 0).size, at(args, 1).size);
    return { cost: scaled(size, TRAVERSAL), size };
  },
};
/** Joining two lists. */
export const CONCATENATE_LISTS: CostModel = {
  count: () => 1,
  estimate: (args) => ({ cost: exactly(1), size: plus(at(args, 0).size, at(args, 1).size) }),
};

/** Matching a regular expression: characters times the length of the expression. */
export const MATCH: CostModel = {
  count: (args) => Math.ceil((1 + actual(args, 0)) * TRAVERSAL) * Math.ceil(actual(args, 1) * PATTERN),
  estimate: (args) => ({ cost: times(scaled(plus(at(args, 0).size, exactly(1)), TRAVERSAL), scaled(at(args, 1).size, PATTERN)) }),
};
/** Characters of the longest expression that a named format is; upstream counts all formats by it. */
const FORMAT_PATTERN = 128;
/** Validating a text by a named format. */
export const VALIDATE: CostModel = {
  count: (args) => Math.ceil((1 + actual(args, 1)) * TRAVERSAL) * Math.ceil(FORMAT_PATTERN * PATTERN),
  estimate: (args) => ({ cost: scaled(scaled(at(args, 1).size, TRAVERSAL), FORMAT_PATTERN * PATTERN) }),
};
/** Units for one requirement of a selector: an object and a list. */
const REQUIREMENT = 50;
/** The shortest requirement has two characters. */
const REQUIREMENTS_PER_CHARACTER = 0.5;
/** Parsing a selector, the second argument. */
export const PARSE_SELECTOR: CostModel = {
  count: (args) => selectorCost(exactly(actual(args, 1))).max,
  estimate: (args) => ({ cost: selectorCost(at(args, 1).size) }),
};

function selectorCost(length: Range): Range {
  const requirements = scaled(scaled(length, REQUIREMENTS_PER_CHARACTER), REQUIREMENT);
  return plus(exactly(10), plus(scaled(length, TRAVERSAL), requirements));
}

/** Finding what a regular expression matches: each character may be one. */
export const FIND: CostModel = {
  count: MATCH.count,
  estimate: (args) => ({ ...MATCH.estimate(args), size: { min: 0, max: at(args, 0).size.max } }),
};
/** `x.contains(y)`. */
export const CONTAINS: CostModel = {
  count: (args) => Math.ceil(actual(args, 0) * TRAVERSAL) * Math.ceil(actual(args, 1) * TRAVERSAL),
  estimate: (args) => ({ cost: times(scaled(at(args, 0).size, TRAVERSAL), scaled(at(args, 1).size, TRAVERSAL)) }),
};

/** `text.format(list)`. */
export const FORMAT: CostModel = {
  count: READ_FIRST.count,
  estimate: (args) => ({ cost: scaled(at(args, 0).size, TRAVERSAL) }),
};

/** Going through all of a list, or of a string: sum, min, max, indexOf. */
export const TRAVERSE: CostModel = {
  count: (args) => traversalCost(args[0] ?? null),
  estimate: (args) => {
    const { size, itemSize, isList } = at(args, 0);
    if (!isList) return { cost: scaled(size, TRAVERSAL) };
    const item = itemSize ? plus(exactly(1), scaled(itemSize, TRAVERSAL)) : exactly(1);
    return { cost: times(size, item) };
  },
};

function traversalCost(value: CelValue): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * TRAVERSAL);
  if (value instanceof Uint8Array) return Math.floor(value.length * TRAVERSAL);
  let cost = 0;
  if (value instanceof CelList) for (const item of value) cost += traversalCost(item);
  else if (value instanceof CelMap) for (const key of value.keys()) cost += traversalCost(key) + traversalCost(value.find(key) ?? null);
  else cost = 1;
  return cost;
}

/** `x.split(y)`: each character may be a part. */
export const SPLIT: CostModel = {
  count: reading(0, { factor: 2 * TRAVERSAL }).count,
  estimate: (args) => ({ cost: scaled(at(args, 0).size, 2 * TRAVERSAL), size: { min: 0, max: at(args, 0).size.max } }),
};

/** `list.join(separator)`. */
export const JOIN: CostModel = {
  count: (_args, result) => Math.ceil(sizeOf(result) * 2 * TRAVERSAL),
  estimate: (args) => {
    const { size: count, itemSize } = at(args, 0);
    const separators: Range = { min: Math.max(count.min - 1, 0), max: Math.max(count.max - 1, 0) };
    const between = args.length > 1 ? times(at(args, 1).size, separators) : ZERO;
    const size = plus(itemSize ? times(count, itemSize) : ZERO, between);
    return { cost: scaled(size, TRAVERSAL), size };
  },
};

/** `x.replace(old, new)`. */
export const REPLACE: CostModel = {
  count: reading(0, { factor: 2 * TRAVERSAL }).count,
  estimate: (args) => {
    const [text, old, next] = [at(args, 0).size, at(args, 1).size, at(args, 2).size];
    const most = replacedSize(text.max, { shortest: old.min, longest: next.max, grows: next.max > old.min });
    const least = replacedSize(text.min, { shortest: old.max, longest: next.min, grows: next.min < old.max });
    return { cost: scaled(text, 2 * TRAVERSAL), size: { min: least, max: most } };
  },
};

/** The length after replacing as often as can be; an empty old string stands around every character. */
function replacedSize(length: number, { shortest, longest, grows }: { shortest: number; longest: number; grows: boolean }): number {
  if (shortest === 0) return Math.min((length + 1) * longest + length, UNBOUNDED);
  return grows ? Math.min(Math.ceil(length / shortest) * longest, UNBOUNDED) : length;
}

const ADDRESS_BYTES: Range = { min: 4, max: 16 };

/** `cidr.containsIP(…)` and `cidr.containsCIDR(…)`; `parses` when the argument is a string. */
export function containment({ network, parses }: { network: boolean; parses: boolean }): CostModel {
  return {
    count: (args) => {
      const size = actual(args, 0);
      const compared = Math.ceil(2 * size * TRAVERSAL) + (network ? Math.ceil(size * TRAVERSAL) + 1 : 0);
      return compared + (parses ? Math.ceil(actual(args, 1) * TRAVERSAL) : 0);
    },
    estimate: (args) => {
      const compared = scaled(plus(ADDRESS_BYTES, ADDRESS_BYTES), TRAVERSAL);
      const masked = network ? plus(scaled(ADDRESS_BYTES, TRAVERSAL), exactly(1)) : ZERO;
      const parsed = parses ? scaled(at(args, 1).size, TRAVERSAL) : ZERO;
      return { cost: plus(plus(compared, masked), parsed) };
    },
  };
}

/** Comparing each of a list's items with each of another's. */
export const CROSS_LISTS: CostModel = {
  early: true,
  count: (args) => 1 + actual(args, 0) * actual(args, 1),
  estimate: (args) => ({ cost: plus(exactly(1), times(at(args, 0).size, at(args, 1).size)) }),
};
/** The same both ways. */
export const CROSS_LISTS_TWICE: CostModel = {
  early: true,
  count: (args) => 1 + 2 * actual(args, 0) * actual(args, 1),
  estimate: (args) => ({ cost: plus(exactly(1), times(exactly(2), times(at(args, 0).size, at(args, 1).size))) }),
};

/** The range of several estimates of one call. */
export function unionOf(a: CallEstimate | undefined, b: CallEstimate): CallEstimate {
  if (!a) return b;
  const size = a.size && b.size ? union(a.size, b.size) : (a.size ?? b.size);
  return size ? { cost: union(a.cost, b.cost), size } : { cost: union(a.cost, b.cost) };
}
