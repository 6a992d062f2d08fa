// What functions cost that make a new list: by the items they look at, and how often. Rules: cel-go's extended list library, which counts so.

import { CelList, sizeOf, typeNameOf } from '../values.ts';
import type { CallEstimate, CostModel, SizedArgument } from './cost-models.ts';
import { exactly, plus, type Range, scaled, times, UNBOUNDED } from './cost-range.ts';
import { COST_OF_LIST } from './node-costs.ts';

/** Units of the call itself, and of the list it makes. */
const CALL = 1 + COST_OF_LIST;
/** Each item of a list that is sorted, or made free of repetitions, may be compared with each other one, both ways. */
const COMPARISONS = 2;
/** Comparing texts costs more. */
const TEXT_COMPARISON = 0.1;

const counted = (items: number, factor = 1): number => Math.floor(items * factor) + CALL;
const estimated = (size: Range, factor = 1): CallEstimate => ({ cost: plus(scaled(size, factor), exactly(CALL)), size });

const sizeAt = (args: readonly SizedArgument[], index: number): Range => args[index]?.size ?? { min: 0, max: UNBOUNDED };

/** The int that is written out as an argument; where it is not, `otherwise`. */
function writtenInt(argument: SizedArgument | undefined, otherwise: number): number {
  const value = argument?.constant;
  return typeof value === 'bigint' ? Math.max(Number(value), 0) : otherwise;
}

/** `list.slice(from, to)`. What goes backwards counts as endless, as in unsigned numbers. */
export const SLICE: CostModel = {
  count: (_args, result) => counted(sizeOf(result)),
  estimate: (args) => {
    const length = writtenInt(args[2], sizeAt(args, 0).max) - writtenInt(args[1], 0);
    return estimated(exactly(length < 0 ? UNBOUNDED : length));
  },
};

/** `lists.range(n)`. */
export const RANGE: CostModel = {
  count: (_args, result) => counted(sizeOf(result)),
  estimate: (args) => estimated(exactly(writtenInt(args[0], UNBOUNDED))),
};

/** `list.reverse()`. */
export const REVERSE: CostModel = {
  count: (_args, result) => counted(sizeOf(result)),
  estimate: (args) => estimated(sizeAt(args, 0)),
};

/** `list.flatten()` and `list.flatten(depth)`. */
export const FLATTEN: CostModel = {
  count: ([list = null, depth = 1n]) => counted(sizeOf(list), Number(depth)),
  estimate: (args) => estimated(sizeAt(args, 0), args.length > 1 ? writtenInt(args[1], UNBOUNDED) : 1),
};

/** Comparing the items of the list argument of that index with each other; `text` where they are known to be texts. */
export function comparingItems(index: number, { text }: { text: boolean }): CostModel {
  return {
    onlyResolved: true,
    early: true,
    count: (args) => {
      const list = args[index];
      const isText = list instanceof CelList && list.size > 0 && ['string', 'bytes'].includes(typeNameOf(list.at(0)));
      return counted(sizeOf(list ?? null) ** 2, isText ? COMPARISONS + TEXT_COMPARISON : COMPARISONS);
    },
    estimate: (args) => {
      const size = sizeAt(args, index);
      return estimated(times(size, size), text ? COMPARISONS + TEXT_COMPARISON : COMPARISONS);
    },
  };
}
