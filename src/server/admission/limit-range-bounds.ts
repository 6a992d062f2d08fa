// The bounds of one LimitRange item against what is asked for. Pure. Texts as upstream's, which users know.

import { parseQuantity } from '../../api/quantity.ts';
import type { ResourceAmounts } from '../../api/resource-amounts.ts';
import type { LimitRangeItem } from '../../api/types/core-v1.gen.ts';

/** What a container, pod or claim asks for. */
export interface AskedAmounts {
  readonly requests: ResourceAmounts;
  readonly limits: ResourceAmounts;
}

/** A sentence for each bound that does not hold; empty when all do. */
export function boundFaults(item: LimitRangeItem, asked: AskedAmounts): string[] {
  return [
    ...Object.entries(item.min ?? {}).map(([name, bound]) => belowMinimum(item.type, name, { bound, asked })),
    ...Object.entries(item.max ?? {}).map(([name, bound]) => aboveMaximum(item.type, name, { bound, asked })),
    ...Object.entries(item.maxLimitRequestRatio ?? {}).map(([name, bound]) => aboveRatio(item.type, name, { bound, asked })),
  ].filter((fault) => fault !== undefined);
}

interface Bound {
  readonly bound: string;
  readonly asked: AskedAmounts;
}

function belowMinimum(type: string, name: string, { bound, asked }: Bound): string | undefined {
  const minimum = parseQuantity(bound);
  const request = asked.requests.get(name);
  const limit = asked.limits.get(name);
  const head = `minimum ${name} usage per ${type} is ${minimum}`;
  if (!request) return `${head}.  No request is specified`;
  if (request.compare(minimum) < 0) return `${head}, but request is ${request}`;
  return limit && limit.compare(minimum) < 0 ? `${head}, but limit is ${limit}` : undefined;
}

function aboveMaximum(type: string, name: string, { bound, asked }: Bound): string | undefined {
  const maximum = parseQuantity(bound);
  const request = asked.requests.get(name);
  const limit = asked.limits.get(name);
  const head = `maximum ${name} usage per ${type} is ${maximum}`;
  if (!limit) return `${head}.  No limit is specified`;
  if (limit.compare(maximum) > 0) return `${head}, but limit is ${limit}`;
  return request && request.compare(maximum) > 0 ? `${head}, but request is ${request}` : undefined;
}

function aboveRatio(type: string, name: string, { bound, asked }: Bound): string | undefined {
  const maximum = parseQuantity(bound);
  const request = asked.requests.get(name);
  const limit = asked.limits.get(name);
  const head = `${name} max limit to request ratio per ${type} is ${maximum}`;
  if (!request || request.isZero()) return `${head}, but no request is specified or request is 0`;
  if (!limit || limit.isZero()) return `${head}, but no limit is specified or limit is 0`;
  const ratio = limit.toNumber() / request.toNumber();
  return ratio > maximum.toNumber() ? `${head}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}
