// Type-checks a CEL expression: gives each node its type and each call the overloads it may be. Rules: CEL specification, "Gradual Type Checking";
// the texts of faults are cel-go's, which users and tests match on.

import type { CelType } from '../cel-type.ts';
import type { Expr, Visitor } from '../syntax/syntax.ts';
import { checkCall } from './calls.ts';
import { type Checked, CheckScope, type Declarations } from './check-scope.ts';
import { checkList, checkLiteral, checkMap, checkStruct } from './constructors.ts';
import { checkFold } from './folds.ts';
import { checkIdent, checkSelect } from './names.ts';

const CHECKS: Visitor<CheckScope, CelType> = {
  literal: checkLiteral,
  ident: checkIdent,
  select: checkSelect,
  call: checkCall,
  list: checkList,
  map: checkMap,
  struct: checkStruct,
  fold: checkFold,
};

/** Checks a tree. Faults are in `issues`; the rest then means nothing. */
export function checkExpression(expr: Expr, declarations: Declarations): Checked {
  return new CheckScope(declarations, CHECKS).run(expr);
}
