// The least and most that a checked expression can cost, from the size limits of the types of its variables.
// Rules: "Resource use by CEL functions" of the Kubernetes documentation; the counting is that of the planner, on sizes instead of values.

import type { Checked } from '../check/check-scope.ts';
import type { Expr, Visitor } from '../syntax/syntax.ts';
import { estimateCall } from './calls.ts';
import { estimateList, estimateLiteral, estimateMap, estimateStruct } from './constructors.ts';
import type { Range } from './cost-range.ts';
import { EstimateScope } from './estimate-scope.ts';
import { estimateFold } from './folds.ts';
import { estimateIdent, estimateSelect } from './names.ts';

const COSTS: Visitor<EstimateScope, Range> = {
  literal: estimateLiteral,
  ident: estimateIdent,
  select: estimateSelect,
  call: estimateCall,
  list: estimateList,
  map: estimateMap,
  struct: estimateStruct,
  fold: estimateFold,
};

/** Estimates a checked tree. */
export function estimateCost(expr: Expr, checked: Checked): Range {
  return new EstimateScope(checked, COSTS).cost(expr);
}
