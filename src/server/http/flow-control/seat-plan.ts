// How many requests each priority level may run at once, and what it may lend and borrow. Pure.
// https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#priority-levels
//
// Upstream moves limits between the levels every ten seconds by what they needed before. Here nothing runs periodically: the seats that levels
// may lend form one pool, and each request beyond what its level never lends takes a seat of it. See docs/adr/0011.

import type { PriorityLevelConfiguration } from '../../../api/types/flowcontrol-v1.gen.ts';

/** The seats of a level. */
export interface SeatLimits {
  /** Its share. */
  readonly nominal: number;
  /** What it never lends. */
  readonly lower: number;
  /** What it may have with all it can borrow. */
  readonly upper: number;
}

interface Shares {
  readonly shares: number;
  readonly lendablePercent: number;
  readonly borrowingLimitPercent: number | undefined;
}

function sharesOf({ spec }: PriorityLevelConfiguration): Shares {
  const { limited, exempt } = spec;
  const { nominalConcurrencyShares, lendablePercent = 0 } = (spec.type === 'Exempt' ? exempt : limited) ?? {};
  const shares = nominalConcurrencyShares ?? (spec.type === 'Exempt' ? 0 : 30); // The defaults of the API.
  return { shares, lendablePercent, borrowingLimitPercent: limited?.borrowingLimitPercent };
}

/** The limits of every level, by name, when `total` requests may run at once. */
export function seatLimits(levels: readonly PriorityLevelConfiguration[], total: number): Map<string, SeatLimits> {
  const sum = levels.reduce((shares, level) => shares + sharesOf(level).shares, 0);
  return new Map(
    levels.map((level) => {
      const { shares, lendablePercent, borrowingLimitPercent } = sharesOf(level);
      const nominal = sum === 0 ? 0 : Math.ceil((total * shares) / sum);
      const lower = nominal - Math.round((nominal * lendablePercent) / 100);
      const borrowed = borrowingLimitPercent === undefined ? total : Math.round((nominal * borrowingLimitPercent) / 100);
      return [level.metadata.name ?? '', { nominal, lower, upper: Math.min(total, nominal + borrowed) }];
    }),
  );
}

/** The seats that may be lent. */
export function poolSize(limits: Iterable<SeatLimits>): number {
  let size = 0;
  for (const { nominal, lower } of limits) size += nominal - lower;
  return size;
}

/** How many of the seats that a level's requests take are seats of the pool. */
export function pooled(taken: number, { lower }: SeatLimits): number {
  return Math.max(0, taken - lower);
}

/** Seats of a level. */
export interface SeatDemand {
  /** Taken by requests that run. */
  readonly taken: number;
  /** Asked for by the next one. */
  readonly wanted: number;
}

/** Whether a level may run a request; `free` = seats left in the pool. One that wants more than the level can ever have runs alone. */
export function mayRun({ taken, wanted }: SeatDemand, limits: SeatLimits, free: number): boolean {
  const then = taken + (taken === 0 ? Math.min(wanted, Math.max(1, limits.upper)) : wanted);
  return then <= limits.lower || (then <= limits.upper && pooled(then, limits) - pooled(taken, limits) <= free);
}
