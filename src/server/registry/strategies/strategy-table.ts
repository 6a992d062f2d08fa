// Which resource has which strategy. A resource without one is written by the generic rules alone.

import type { Strategy, StrategyDeps } from '../strategy.ts';
import { namespaceStrategy } from './namespaces.ts';
import { podStrategy } from './pods.ts';

/** Strategies by `resource.group`. */
export function strategyTable(_deps: StrategyDeps): ReadonlyMap<string, Strategy> {
  return new Map<string, Strategy>([
    ['namespaces', namespaceStrategy],
    ['pods', podStrategy],
  ]);
}
