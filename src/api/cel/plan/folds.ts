// How the loops that macros become are evaluated. Rules: CEL specification, "Macros": quantifiers take an answer that decides although
// other items fail.

import { COST_OF_ACCESS, COST_OF_LIST } from '../cost/node-costs.ts';
import { noSuchOverload } from '../errors.ts';
import { Fault, type Frame } from '../frame.ts';
import type { Expr, FoldNode } from '../syntax/syntax.ts';
import { ArrayList, EntryMap } from '../values.ts';
import { planUnnamed } from './names.ts';
import type { PlanScope } from './plan-scope.ts';
import { absorbed, iterate, planConditional, type Step } from './steps.ts';

/** A loop. Its variables have places in the frame that are free again after it. */
export function planFold(scope: PlanScope, expr: FoldNode): Step {
  const { locals } = scope;
  const range = scope.plan(expr.range);
  const init = planInitial(scope, expr.init);
  const accu = locals.push(expr.accuVar) - 1;
  const first = locals.push(expr.iterVar) - 1;
  const second = expr.iterVar2 === undefined ? undefined : locals.push(expr.iterVar2) - 1;
  const turn = planTurn(scope, expr, accu);
  locals.length = accu + 1;
  const result = scope.plan(expr.result);
  locals.length = accu;
  return (frame) => {
    const values = range(frame);
    frame.locals[accu] = init(frame);
    iterate(values, { frame, first, second }, turn);
    return result(frame);
  };
}

/** One turn: false ends the loop. The error of a quantifier's item is kept instead of its answer: a later item may decide. */
function planTurn(scope: PlanScope, expr: FoldNode, accu: number): (frame: Frame) => boolean {
  const condition = scope.plan(expr.condition);
  const step = planStep(scope, expr, accu);
  const isTolerant = expr.condition.kind === 'call' && expr.condition.fn === '@not_strictly_false';
  return (frame) => {
    if (condition(frame) !== true) return false;
    try {
      frame.locals[accu] = step(frame);
    } catch (error) {
      if (!isTolerant) throw error;
      frame.locals[accu] = new Fault(absorbed(error));
    }
    return true;
  };
}

/** An empty list or map is a new one for each run: the fold grows it in place. */
function planInitial(scope: PlanScope, init: Expr): Step {
  if (init.kind === 'list' && init.elements.length === 0) return () => new ArrayList([]);
  if (init.kind === 'map' && init.entries.length === 0) return () => new EntryMap();
  return scope.plan(init);
}

/** A list that the fold itself has made grows in place, so that n items cost n and not n². */
function planStep(scope: PlanScope, expr: FoldNode, accu: number): Step {
  const growing = expr.init.kind === 'list' ? planGrowing(scope, expr.step, { name: expr.accuVar, slot: accu }) : undefined;
  return growing ?? scope.plan(expr.step);
}

interface Accumulator {
  readonly name: string;
  readonly slot: number;
}

/** The step `accu + [item]`, under a condition or not; undefined if it is another. */
function planGrowing(scope: PlanScope, step: Expr, accu: Accumulator): Step | undefined {
  if (step.kind !== 'call') return undefined;
  const [first, second, third] = step.args;
  const isAccu = (expr: Expr | undefined): boolean => expr?.kind === 'ident' && expr.name === accu.name;
  if (step.fn === '_?_:_' && first && second && third && isAccu(third)) {
    const grow = planGrowing(scope, second, accu);
    return grow && planConditional(scope.plan(first), grow, planUnnamed(scope, third));
  }
  const item = second?.kind === 'list' && second.elements.length === 1 ? second.elements[0]?.value : undefined;
  if (step.fn !== '_+_' || !isAccu(first) || !item) return undefined;
  return planAppend(scope.plan(item), accu.slot);
}

function planAppend(item: Step, slot: number): Step {
  return (frame) => {
    const value = item(frame);
    frame.charge(2 * COST_OF_ACCESS + COST_OF_LIST); // The accumulator, the sum, and the list of one item.
    const list = frame.locals[slot];
    if (!(list instanceof ArrayList)) throw noSuchOverload();
    list.items.push(value);
    return list;
  };
}
