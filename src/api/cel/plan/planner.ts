// Turns a checked tree into closures that evaluate it and count what that costs. Rules: CEL specification, "Evaluation": && and || take either side's
// answer where it decides, also when the other side fails; costs: "Resource use by CEL functions" of the Kubernetes documentation.

import type { CelType } from '../cel-type.ts';
import type { Checked } from '../check/checker.ts';
import { celEquals } from '../equality.ts';
import { failure, noSuchOverload } from '../errors.ts';
import { Fault, type Frame } from '../frame.ts';
import { MadeObject } from '../json-adapter.ts';
import type { Overload } from '../overload.ts';
import { accepts, runtimeTypeName } from '../runtime-types.ts';
import type { CallNode, Expr, FoldNode, IdentNode, ListNode, MapNode, SelectNode, StructNode } from '../syntax/syntax.ts';
import { ArrayList, CelTypeValue, CelUint, type CelValue, EntryMap, mapKey } from '../values.ts';
import {
  absorbed,
  COST_OF_ACCESS,
  charging,
  hasField,
  iterate,
  planCall,
  planConditional,
  planIndex,
  planLogic,
  planNotFalse,
  planned,
  planOptionalField,
  planOr,
  type Step,
  selectField,
  unwrap,
} from './steps.ts';

const COST_OF_LIST = 10;
const COST_OF_MAP = 30;
const COST_OF_OBJECT = 40;

/** The closures of a tree. `typeOf` finds the types that it constructs. */
export function planExpression(expr: Expr, checked: Checked, typeOf: (name: string) => CelType | undefined): Step {
  return new Planner(checked, typeOf).plan(expr);
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
    const operand = expr.test ? this.plan(expr.operand) : this.#accessed(expr.operand);
    const { field } = expr;
    if (expr.test) return (frame) => hasField(operand(frame), field);
    return (frame) => {
      const value = operand(frame);
      frame.charge(COST_OF_ACCESS);
      return selectField(value, field);
    };
  }

  /** What is selected from or indexed. Access to what is no name or part of one has a cost of its own. */
  #accessed(operand: Expr): Step {
    const step = this.plan(operand);
    return isAccess(operand) ? step : charging(COST_OF_ACCESS, step);
  }

  /** A name, or a part of one, as an index or a branch: upstream does not count the name there. */
  #unnamed(expr: Expr): Step {
    const step = this.plan(expr);
    return isAccess(expr) && !isConditional(expr) && !this.#isTypeName(expr) ? charging(-COST_OF_ACCESS, step) : step;
  }

  #isTypeName(expr: Expr): boolean {
    const reference = this.#checked.references.get(expr.id);
    return reference !== undefined && 'type' in reference;
  }

  /** The value of what is written out: literals, lists and maps of them, and conversions. It is made once and costs nothing. */
  #constant(expr: Expr): CelValue | undefined {
    if (expr.kind === 'literal') return expr.value;
    if (expr.kind === 'list') {
      const items = expr.elements.map(({ value, optional }) => (optional ? undefined : this.#constant(value)));
      return items.every((item) => item !== undefined) ? new ArrayList(items) : undefined;
    }
    if (expr.kind === 'map') return this.#constantMap(expr);
    return expr.kind === 'call' && CONVERSIONS.has(expr.fn) && !expr.target ? this.#converted(expr) : undefined;
  }

  #constantMap({ entries }: MapNode): CelValue | undefined {
    const map = new EntryMap();
    for (const entry of entries) {
      const [key, value] = [this.#constant(entry.key), this.#constant(entry.value)];
      if (entry.optional || key === undefined || value === undefined || !map.insert(key, value)) return undefined;
    }
    return map;
  }

  /** Undefined if it fails: that is told when it is evaluated. */
  #converted(expr: CallNode): CelValue | undefined {
    const [overload, ...others] = this.#checked.overloads.get(expr.id) ?? [];
    const value = expr.args[0] && this.#constant(expr.args[0]);
    if (!overload || others.length > 0 || value === undefined) return undefined;
    try {
      return overload.run(value);
    } catch (error) {
      absorbed(error);
      return undefined;
    }
  }

  #call(expr: CallNode): Step {
    const constant = this.#constant(expr);
    if (constant !== undefined) return () => constant;
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
      const args = planned(frame, steps);
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
        return first && second && third && planConditional(this.plan(first), this.#unnamed(second), this.#unnamed(third));
      case '@in':
        return first && second && this.#constantMembership(first, second);
      case '@not_strictly_false':
        return first && planNotFalse(this.plan(first));
      case '_[_]':
      case '_[?_]':
        return first && second && planIndex(this.#accessed(first), this.#unnamed(second), expr.fn === '_[?_]');
      case '_?._':
        return first && second?.kind === 'literal' ? planOptionalField(this.#accessed(first), String(second.value)) : undefined;
      case 'or':
      case 'orValue':
        return expr.target && first && !this.#checked.references.has(expr.id)
          ? planOr(this.plan(expr.target), this.plan(first), expr.fn === 'orValue')
          : undefined;
      default:
        return undefined;
    }
  }

  /** `x in [1, 2]`: upstream keeps such lists as sets, and does not count the search. */
  #constantMembership(value: Expr, list: Expr): Step | undefined {
    const constant = this.#constant(list);
    if (!(constant instanceof ArrayList) || !constant.items.every(isPrimitive)) return undefined;
    const step = this.plan(value);
    return (frame) => {
      const wanted = step(frame);
      return constant.items.some((item) => celEquals(item, wanted));
    };
  }

  #list(expr: ListNode): Step {
    const constant = this.#constant(expr);
    if (constant !== undefined) return () => constant;
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
    const constant = this.#constant(expr);
    if (constant !== undefined) return () => constant;
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
    const init = this.#initial(expr.init);
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

  /** An empty list or map is a new one for each run: the fold grows it in place. */
  #initial(init: Expr): Step {
    if (init.kind === 'list' && init.elements.length === 0) return () => new ArrayList([]);
    if (init.kind === 'map' && init.entries.length === 0) return () => new EntryMap();
    return this.plan(init);
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
      return grow && third && planConditional(this.plan(first), grow, this.#unnamed(third));
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

const ACCESSES = new Set(['_[_]', '_[?_]', '_?._', '_?_:_']);
/** Functions whose calls with what is written out are done once. */
const CONVERSIONS = new Set(['bool', 'bytes', 'double', 'duration', 'int', 'string', 'timestamp', 'uint']);

const isConditional = (expr: Expr): boolean => expr.kind === 'call' && expr.fn === '_?_:_';

/** Whether an expression is a name, a part of one, or a choice between such: upstream counts its access once. */
const isAccess = (expr: Expr): boolean =>
  expr.kind === 'ident' || (expr.kind === 'select' && !expr.test) || (expr.kind === 'call' && ACCESSES.has(expr.fn));

const isPrimitive = (value: CelValue): boolean => value instanceof CelUint || (typeof value !== 'object' && value !== null);

/** The overload with what can be made ready once of an argument that is written out. */
function withConstant(overload: Overload, argument: Expr | undefined): Overload {
  if (!overload.prepare || argument?.kind !== 'literal' || typeof argument.value !== 'string') return overload;
  return { ...overload, run: overload.prepare(argument.value) };
}
