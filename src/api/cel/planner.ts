// Turns a checked tree into closures that evaluate it and count what that costs. Rules: CEL specification, "Evaluation": && and || take either side's
// answer where it decides, also when the other side fails; costs: "Resource use by CEL functions" of the Kubernetes documentation.

import type { CelType } from './cel-type.ts';
import type { Checked } from './checker.ts';
import { CelEvaluationError, failure, noSuchOverload } from './errors.ts';
import { Fault, type Frame } from './frame.ts';
import { MadeObject } from './json-adapter.ts';
import { findIndexed, indexValue } from './library/operators.ts';
import type { Overload } from './overload.ts';
import { accepts, runtimeTypeName } from './runtime-types.ts';
import type { CallNode, Expr, FoldNode, IdentNode, ListNode, MapNode, SelectNode, StructNode } from './syntax.ts';
import { ArrayList, CelList, CelMap, CelOptional, CelTypeValue, type CelValue, EntryMap, mapKey } from './values.ts';

/** Evaluates one node. @throws CelEvaluationError */
export type Step = (frame: Frame) => CelValue;

const COST_OF_ACCESS = 1;
const COST_OF_LIST = 10;
const COST_OF_MAP = 30;
const COST_OF_OBJECT = 40;

/** The closures of a tree. `typeOf` finds the types that it constructs. */
export function planExpression(expr: Expr, checked: Checked, typeOf: (name: string) => CelType | undefined): Step {
  return new Planner(checked, typeOf).plan(expr);
}

/** The error, if an operator may outweigh it; being too costly is final. */
function absorbed(error: unknown): CelEvaluationError {
  if (error instanceof CelEvaluationError && error.code === 'error') return error;
  throw error;
}

/** One run over one tree. */
class Planner {
  readonly #checked: Checked;
  readonly #typeOf: (name: string) => CelType | undefined;
  /** Names of local variables; their index is their place in the frame. */
  readonly #locals: string[] = [];

  constructor(checked: Checked, typeOf: (name: string) => CelType | undefined) {
    this.#checked = checked;
    this.#typeOf = typeOf;
  }

  plan(expr: Expr): Step {
    switch (expr.kind) {
      case 'literal': {
        const { value } = expr;
        return () => value;
      }
      case 'ident':
        return this.#ident(expr);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'fold':
        return this.#fold(expr);
    }
  }

  #ident(expr: IdentNode): Step {
    const reference = this.#reference(expr);
    if (reference) return reference;
    const slot = this.#locals.lastIndexOf(expr.name);
    return (frame) => {
      frame.charge(COST_OF_ACCESS);
      const value = frame.locals[slot];
      if (value instanceof Fault) throw value.error;
      return value ?? null;
    };
  }

  #reference(expr: Expr): Step | undefined {
    const reference = this.#checked.references.get(expr.id);
    if (!reference || 'fn' in reference) return undefined;
    if ('type' in reference) {
      const value = new CelTypeValue(runtimeTypeName(reference.type));
      return () => value;
    }
    const { variable } = reference;
    return (frame) => {
      frame.charge(COST_OF_ACCESS);
      return frame.variable(variable);
    };
  }

  #select(expr: SelectNode): Step {
    const reference = this.#reference(expr);
    if (reference) return reference;
    const operand = this.plan(expr.operand);
    const { field } = expr;
    if (expr.test) return (frame) => hasField(operand(frame), field);
    return (frame) => {
      const value = operand(frame);
      frame.charge(COST_OF_ACCESS);
      return selectField(value, field);
    };
  }

  #call(expr: CallNode): Step {
    const special = this.#specialCall(expr);
    if (special) return special;
    const overloads = this.#checked.overloads.get(expr.id) ?? [];
    const qualified = this.#checked.references.has(expr.id);
    const nodes = expr.target && !qualified ? [expr.target, ...expr.args] : expr.args;
    const steps = nodes.map((node) => this.plan(node));
    const types = nodes.map((node) => this.#checked.types.get(node.id));
    const [only] = overloads;
    if (only && overloads.length === 1 && types.every((type) => type && type.kind !== 'dyn'))
      return planCall(withConstant(only, nodes[1]), steps);
    return (frame) => {
      const args = steps.map((step) => step(frame));
      const overload = overloads.find(({ params }) => params.every((param, index) => accepts(param, args[index] ?? null)));
      if (!overload) throw noSuchOverload();
      const result = overload.run(...args);
      frame.charge(overload.cost.count(args, result));
      return result;
    };
  }

  #specialCall(expr: CallNode): Step | undefined {
    const [first, second, third] = expr.args;
    switch (expr.fn) {
      case '_&&_':
      case '_||_':
        return first && second && planLogic(this.plan(first), this.plan(second), expr.fn === '_||_');
      case '_?_:_':
        return first && second && third && planConditional(this.plan(first), this.plan(second), this.plan(third));
      case '@not_strictly_false':
        return first && planNotFalse(this.plan(first));
      case '_[_]':
      case '_[?_]':
        return first && second && planIndex(this.plan(first), this.plan(second), expr.fn === '_[?_]');
      case '_?._':
        return first && second?.kind === 'literal' ? planOptionalField(this.plan(first), String(second.value)) : undefined;
      case 'or':
      case 'orValue':
        return expr.target && first && !this.#checked.references.has(expr.id)
          ? planOr(this.plan(expr.target), this.plan(first), expr.fn === 'orValue')
          : undefined;
      default:
        return undefined;
    }
  }

  #list(expr: ListNode): Step {
    const elements = expr.elements.map(({ value, optional }) => ({ step: this.plan(value), optional }));
    return (frame) => {
      const items: CelValue[] = [];
      for (const { step, optional } of elements) {
        const value = optional ? unwrap(step(frame)) : step(frame);
        if (value !== undefined) items.push(value);
      }
      frame.charge(COST_OF_LIST);
      return new ArrayList(items);
    };
  }

  #map(expr: MapNode): Step {
    const entries = expr.entries.map((entry) => ({ key: this.plan(entry.key), value: this.plan(entry.value), optional: entry.optional }));
    return (frame) => {
      const map = new EntryMap();
      for (const { key: keyStep, value: valueStep, optional } of entries) {
        const key = keyStep(frame);
        const value = optional ? unwrap(valueStep(frame)) : valueStep(frame);
        if (value === undefined || map.insert(key, value)) continue;
        throw failure(mapKey(key) === undefined ? 'unsupported key type' : `Failed with repeated key`);
      }
      frame.charge(COST_OF_MAP);
      return map;
    };
  }

  #struct(expr: StructNode): Step {
    const type = this.#typeOf(expr.type.replace(/^\./, ''));
    const fields = expr.fields.map(({ name, value, optional }) => ({ name, step: this.plan(value), optional }));
    return (frame) => {
      const values = new Map<string, CelValue>();
      for (const { name, step, optional } of fields) {
        const value = optional ? unwrap(step(frame)) : step(frame);
        if (value !== undefined) values.set(name, value);
      }
      frame.charge(COST_OF_OBJECT);
      if (type?.kind !== 'object') throw failure(`unknown type: ${expr.type}`);
      return new MadeObject(type, values);
    };
  }

  #fold(expr: FoldNode): Step {
    const range = this.plan(expr.range);
    const init = this.plan(expr.init);
    const accu = this.#locals.push(expr.accuVar) - 1;
    const first = this.#locals.push(expr.iterVar) - 1;
    const second = expr.iterVar2 === undefined ? undefined : this.#locals.push(expr.iterVar2) - 1;
    const condition = this.plan(expr.condition);
    const step = this.#foldStep(expr, accu);
    this.#locals.length = accu + 1;
    const result = this.plan(expr.result);
    this.#locals.length = accu;
    const tolerant = expr.condition.kind === 'call' && expr.condition.fn === '@not_strictly_false';
    const turn = (frame: Frame): boolean => {
      if (condition(frame) !== true) return false;
      try {
        frame.locals[accu] = step(frame);
      } catch (error) {
        if (!tolerant) throw error;
        frame.locals[accu] = new Fault(absorbed(error));
      }
      return true;
    };
    return (frame) => {
      const values = range(frame);
      frame.locals[accu] = init(frame);
      iterate(values, { frame, first, second }, turn);
      return result(frame);
    };
  }

  /** A list that the fold itself has made grows in place, so that n items cost n and not n². */
  #foldStep(expr: FoldNode, accu: number): Step {
    if (expr.init.kind !== 'list') return this.plan(expr.step);
    const planned = this.#growing(expr.step, expr.accuVar, accu);
    return planned ?? this.plan(expr.step);
  }

  #growing(step: Expr, accuVar: string, accu: number): Step | undefined {
    if (step.kind !== 'call') return undefined;
    const [first, second, third] = step.args;
    const isAccu = (expr: Expr | undefined): boolean => expr?.kind === 'ident' && expr.name === accuVar;
    if (step.fn === '_?_:_' && first && second && isAccu(third)) {
      const grow = this.#growing(second, accuVar, accu);
      return grow && third && planConditional(this.plan(first), grow, this.plan(third));
    }
    const item = second?.kind === 'list' && second.elements.length === 1 ? second.elements[0]?.value : undefined;
    if (step.fn !== '_+_' || !isAccu(first) || !item) return undefined;
    const plan = this.plan(item);
    return (frame) => {
      const value = plan(frame);
      frame.charge(2 * COST_OF_ACCESS + COST_OF_LIST); // The accumulator, the sum, and the list of one item.
      const list = frame.locals[accu];
      if (!(list instanceof ArrayList)) throw noSuchOverload();
      list.items.push(value);
      return list;
    };
  }
}

/** The overload with what can be made ready once of an argument that is written out. */
function withConstant(overload: Overload, argument: Expr | undefined): Overload {
  if (!overload.prepare || argument?.kind !== 'literal' || typeof argument.value !== 'string') return overload;
  return { ...overload, run: overload.prepare(argument.value) };
}

function planCall({ run, cost }: Overload, steps: readonly Step[]): Step {
  const [first, second] = steps;
  if (first && steps.length === 1) {
    return (frame) => {
      const value = first(frame);
      const result = run(value);
      frame.charge(cost.count([value], result));
      return result;
    };
  }
  if (first && second && steps.length === 2) {
    return (frame) => {
      const args = [first(frame), second(frame)] as const;
      const result = run(...args);
      frame.charge(cost.count(args, result));
      return result;
    };
  }
  return (frame) => {
    const args = steps.map((step) => step(frame));
    const result = run(...args);
    frame.charge(cost.count(args, result));
    return result;
  };
}

/** `decides` is the value of one side that makes the other irrelevant. */
function planLogic(left: Step, right: Step, decides: boolean): Step {
  return (frame) => {
    let fault: CelEvaluationError | undefined;
    try {
      const value = left(frame);
      if (value === decides) return decides;
      if (typeof value !== 'boolean') fault = noSuchOverload();
    } catch (error) {
      fault = absorbed(error);
    }
    const value = right(frame);
    if (value === decides) return decides;
    if (fault) throw fault;
    if (typeof value !== 'boolean') throw noSuchOverload();
    return value;
  };
}

function planConditional(condition: Step, yes: Step, no: Step): Step {
  return (frame) => {
    const value = condition(frame);
    if (typeof value !== 'boolean') throw noSuchOverload();
    return value ? yes(frame) : no(frame);
  };
}

function planNotFalse(operand: Step): Step {
  return (frame) => {
    frame.charge(COST_OF_ACCESS);
    try {
      return operand(frame) !== false;
    } catch (error) {
      absorbed(error);
      return true;
    }
  };
}

function planIndex(operand: Step, index: Step, optional: boolean): Step {
  return (frame) => {
    const value = operand(frame);
    const at = index(frame);
    frame.charge(COST_OF_ACCESS);
    if (value instanceof CelOptional) {
      return new CelOptional(value.value === undefined ? undefined : findIndexed(value.value, at));
    }
    return optional ? new CelOptional(findIndexed(value, at)) : indexValue(value, at);
  };
}

function planOptionalField(operand: Step, field: string): Step {
  return (frame) => {
    const value = operand(frame);
    frame.charge(COST_OF_ACCESS);
    return optionalField(value, field);
  };
}

/** `a.or(b)` and `a.orValue(b)`: b is evaluated only where a is empty. */
function planOr(left: Step, right: Step, unwraps: boolean): Step {
  return (frame) => {
    const value = left(frame);
    frame.charge(COST_OF_ACCESS);
    if (!(value instanceof CelOptional)) throw noSuchOverload();
    if (value.value === undefined) return right(frame);
    return unwraps ? value.value : value;
  };
}

/** The value in an optional item; undefined leaves the item out. */
function unwrap(value: CelValue): CelValue | undefined {
  if (!(value instanceof CelOptional)) throw failure('cannot initialize optional entry from non-optional value');
  return value.value;
}

function optionalField(value: CelValue, field: string): CelOptional {
  if (value instanceof CelOptional) return value.value === undefined ? value : optionalField(value.value, field);
  if (!(value instanceof CelMap)) throw noSuchOverload();
  return new CelOptional(value.find(field));
}

function hasField(value: CelValue, field: string): boolean {
  if (value instanceof CelOptional) return value.value !== undefined && hasField(value.value, field);
  if (!(value instanceof CelMap)) throw noSuchOverload();
  return value.find(field) !== undefined;
}

function selectField(value: CelValue, field: string): CelValue {
  if (value instanceof CelMap) {
    const found = value.find(field);
    if (found === undefined) throw failure(`no such key: ${field}`);
    return found;
  }
  if (value instanceof CelOptional) return optionalField(value, field);
  throw noSuchOverload();
}

interface LoopSlots {
  readonly frame: Frame;
  readonly first: number;
  readonly second: number | undefined;
}

function iterate(values: CelValue, { frame, first, second }: LoopSlots, turn: (frame: Frame) => boolean): void {
  const { locals } = frame;
  if (values instanceof CelList) {
    for (let index = 0; index < values.size; index++) {
      if (second === undefined) locals[first] = values.at(index);
      else {
        locals[first] = BigInt(index);
        locals[second] = values.at(index);
      }
      if (!turn(frame)) return;
    }
  } else if (values instanceof CelMap) {
    for (const key of values.keys()) {
      locals[first] = key;
      if (second !== undefined) locals[second] = values.find(key) ?? null;
      if (!turn(frame)) return;
    }
  } else throw noSuchOverload();
}
