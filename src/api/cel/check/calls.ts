// How calls are checked: which function a name means, and which of its overloads fit the arguments. Rules: CEL specification, "Functions".

import { BOOL, type CelType, DYN } from '../cel-type.ts';
import type { Overload } from '../overload.ts';
import { type CallNode, dottedName, type Expr } from '../syntax/syntax.ts';
import type { CheckScope } from './check-scope.ts';
import { checkOptionalSelect } from './names.ts';
import { sameType } from './type-unifier.ts';

/** A function as a call names it. */
interface Callee {
  readonly name: string;
  /** Called as `x.name(…)`. */
  readonly member: boolean;
  readonly overloads: readonly Overload[];
}

/** The type of a call. */
export function checkCall(scope: CheckScope, expr: CallNode): CelType {
  if (expr.fn === '_?._') return checkOptionalSelect(scope, expr);
  const { functions } = scope.declarations;
  const { target } = expr;
  if (!target) {
    const name = expr.fn.startsWith('.') ? expr.fn.slice(1) : expr.fn;
    const args = expr.args.map((arg) => checkArgument(scope, expr, arg));
    return resolve(scope, expr, { callee: { name, member: false, overloads: functions.get(name) }, args });
  }
  const qualified = qualifiedCallee(scope, expr, target);
  if (qualified) {
    scope.references.set(expr.id, { fn: qualified.name });
    return resolve(scope, expr, { callee: qualified, args: expr.args.map((arg) => scope.check(arg)) });
  }
  const args = [scope.check(target), ...expr.args.map((arg) => checkArgument(scope, expr, arg))];
  return resolve(scope, expr, { callee: { name: expr.fn, member: true, overloads: functions.get(expr.fn) }, args });
}

/** A function whose dotted name begins with the target, e.g. `optional.of`. */
function qualifiedCallee(scope: CheckScope, expr: CallNode, target: Expr): Callee | undefined {
  const qualifier = dottedName(target);
  if (qualifier === undefined || scope.isLocal(qualifier)) return undefined;
  const name = `${qualifier.replace(/^\./, '')}.${expr.fn}`;
  const overloads = scope.declarations.functions.get(name);
  return overloads.length > 0 ? { name, member: false, overloads } : undefined;
}

/** The list of values to format may mix their types. */
function checkArgument(scope: CheckScope, expr: CallNode, arg: Expr): CelType {
  if (expr.fn !== 'format') return scope.check(arg);
  scope.mixedLists++;
  const type = scope.check(arg);
  scope.mixedLists--;
  return type;
}

interface Application {
  readonly callee: Callee;
  readonly args: readonly CelType[];
}

/** The type that all fitting overloads give, dyn if they give several; notes which they are. */
function resolve(scope: CheckScope, expr: CallNode, { callee, args }: Application): CelType {
  if (callee.overloads.length === 0) return scope.report(expr.offset, `undeclared reference to '${expr.fn}' (in container '')`);
  if (callee.name === '_&&_' || callee.name === '_||_') return checkLogic(scope, expr, { callee, args });
  const fitting: Overload[] = [];
  let result: CelType | undefined;
  for (const overload of callee.overloads) {
    if (overload.member !== callee.member) continue;
    const type = scope.apply(overload, args);
    if (!type) continue;
    fitting.push(overload);
    if (!result) result = type;
    else if (result.kind !== 'dyn' && !sameType(result, type)) result = DYN;
  }
  if (!result) return reportMismatch(scope, expr, { callee, args });
  scope.overloads.set(expr.id, fitting);
  return result;
}

function reportMismatch(scope: CheckScope, { offset }: CallNode, { callee, args }: Application): CelType {
  const texts = args.map((type) => scope.text(type));
  const applied = callee.member ? `${texts[0]}.(${texts.slice(1).join(', ')})` : `(${texts.join(', ')})`;
  return scope.report(offset, `found no matching overload for '${callee.name}' applied to '${applied}'`);
}

function checkLogic(scope: CheckScope, expr: CallNode, { callee, args }: Application): CelType {
  args.forEach((type, index) => {
    if (!scope.assignable(BOOL, type))
      scope.report(expr.args[index]?.offset ?? expr.offset, `expected type 'bool' but found '${scope.text(type)}'`);
  });
  scope.overloads.set(expr.id, callee.overloads);
  return BOOL;
}
