// The least and most that a checked expression can cost, from the size limits of the types of its variables.
// Rules: "Resource use by CEL functions" of the Kubernetes documentation; the counting is that of the planner, on sizes instead of values.

import type { CelType } from '../cel-type.ts';
import type { Checked } from '../check/checker.ts';
import { ACCUMULATOR } from '../syntax/macros.ts';
import type { CallNode, Expr, FoldNode, ListNode, MapNode, SelectNode } from '../syntax/syntax.ts';
import { sizeOf } from '../values.ts';
import { type CallEstimate, type SizedArgument, unionOf } from './cost-models.ts';
import { exactly, plus, type Range, times, UNBOUNDED, UNKNOWN, union, ZERO } from './cost-range.ts';

/** Estimates a checked tree. */
export function estimateCost(expr: Expr, checked: Checked): Range {
  return new Estimator(checked).cost(expr);
}

/** Sizes of the keys and values of a list or map that the expression makes. */
interface EntrySize {
  readonly isList: boolean;
  readonly key: Range;
  readonly value: Range;
}

interface Local {
  readonly name: string;
  readonly declared: CelType | undefined;
  readonly size: Range | undefined;
  readonly entry: EntrySize | undefined;
}

const ACCESS = exactly(1);
const SCALARS = new Set<CelType['kind']>(['bool', 'int', 'uint', 'double', 'timestamp', 'duration']);
/** Kinds whose values have no bound unless their type says one. */
const UNBOUNDED_KINDS = new Set<CelType['kind']>(['string', 'bytes', 'list', 'map', 'dyn']);

/** What a declared type says of the size of its values. Upstream takes nothing for those that have none. */
function declaredSize(type: CelType): Range {
  const max = 'maxSize' in type ? type.maxSize : undefined;
  return { min: 0, max: max ?? (UNBOUNDED_KINDS.has(type.kind) ? UNBOUNDED : 0) };
}

/** One estimate of one tree. */
class Estimator {
  readonly #checked: Checked;
  readonly #sizes = new Map<number, Range>();
  readonly #entries = new Map<number, EntrySize>();
  /** The declared type of what a node reads from a variable; its limits hold only there. */
  readonly #declared = new Map<number, CelType>();
  readonly #locals: Local[] = [];

  constructor(checked: Checked) {
    this.#checked = checked;
  }

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case 'literal':
        return ZERO;
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
        return expr.fields.reduce((sum, { value }) => plus(sum, this.cost(value)), exactly(40));
      case 'fold':
        return isBinding(expr) ? this.#binding(expr) : this.#fold(expr);
    }
  }

  #setDeclared(expr: Expr, type: CelType | undefined): void {
    if (type) this.#declared.set(expr.id, type);
  }

  #ident(expr: Expr & { kind: 'ident' }): Range {
    const reference = this.#checked.references.get(expr.id);
    if (reference) {
      if ('variable' in reference) this.#setDeclared(expr, this.#checked.types.get(expr.id));
      else this.#sizes.set(expr.id, ZERO); // The name of a type: comparing with it costs nothing.
      return ACCESS;
    }
    this.#setDeclared(expr, this.#local(expr)?.declared);
    return ACCESS;
  }

  #local(expr: Expr): Local | undefined {
    if (expr.kind !== 'ident' || this.#checked.references.has(expr.id)) return undefined;
    return this.#locals.findLast(({ name }) => name === expr.name);
  }

  #select(expr: SelectNode): Range {
    if (this.#checked.references.has(expr.id)) {
      this.#setDeclared(expr, this.#checked.types.get(expr.id));
      return ACCESS;
    }
    const operand = this.cost(expr.operand);
    if (expr.test) return operand; // Kubernetes asks nothing for has().
    const declared = this.#declared.get(expr.operand.id);
    if (declared?.kind === 'object') this.#setDeclared(expr, declared.field(expr.field)?.type);
    const kind = this.#checked.types.get(expr.operand.id)?.kind;
    return kind === 'map' || kind === 'object' ? plus(operand, ACCESS) : operand;
  }

  #list(expr: ListNode): Range {
    let cost = exactly(10);
    let value: Range | undefined;
    for (const element of expr.elements) {
      cost = plus(cost, this.cost(element.value));
      const size = this.#sizeOf(element.value);
      value = value ? union(value, size) : size;
    }
    this.#entries.set(expr.id, { isList: true, key: exactly(1), value: value ?? ZERO });
    return cost;
  }

  #map(expr: MapNode): Range {
    let cost = exactly(30);
    let sizes: { key: Range; value: Range } | undefined;
    for (const entry of expr.entries) {
      cost = plus(plus(cost, this.cost(entry.key)), this.cost(entry.value));
      const [key, value] = [this.#sizeOf(entry.key), this.#sizeOf(entry.value)];
      sizes = sizes ? { key: union(sizes.key, key), value: union(sizes.value, value) } : { key, value };
    }
    this.#entries.set(expr.id, { isList: false, ...(sizes ?? { key: ZERO, value: ZERO }) });
    return cost;
  }

  #call(expr: CallNode): Range {
    const { args } = expr;
    const qualified = this.#checked.references.has(expr.id);
    const receiver = expr.target && !qualified ? expr.target : undefined;
    if (expr.fn === 'dyn' && !receiver && args[0]) return this.#dyn(expr, args[0]);
    const argCosts = args.map((arg) => this.cost(arg));
    const receiverCost = receiver ? this.cost(receiver) : ZERO;
    const special = this.#operator(expr, argCosts);
    if (special) return special;
    const nodes = receiver ? [receiver, ...args] : args;
    const sized = nodes.map((node) => this.#argument(node));
    let call: CallEstimate | undefined;
    for (const overload of this.#checked.overloads.get(expr.id) ?? []) call = unionOf(call, overload.cost.estimate(sized));
    if (expr.fn === '_+_') this.#joinEntries(expr, args);
    if (call?.size) this.#sizes.set(expr.id, call.size);
    return plus(argCosts.reduce(plus, receiverCost), call?.cost ?? ACCESS);
  }

  #dyn(expr: CallNode, arg: Expr): Range {
    const cost = plus(this.cost(arg), ACCESS);
    this.#copySizes(expr, arg);
    return cost;
  }

  #operator(expr: CallNode, costs: readonly Range[]): Range | undefined {
    const [first = ZERO, second = ZERO, third = ZERO] = costs;
    switch (expr.fn) {
      case '_&&_':
      case '_||_':
        return { min: first.min, max: plus(first, second).max };
      case '_?_:_':
        this.#mergeBranches(expr);
        return plus(first, union(second, third));
      case '_[_]':
        this.#index(expr);
        return plus(plus(first, second), ACCESS);
      default:
        return undefined;
    }
  }

  #mergeBranches(expr: CallNode): void {
    const [, yes, no] = expr.args;
    if (!yes || !no) return;
    this.#sizes.set(expr.id, union(this.#sizeOf(yes), this.#sizeOf(no)));
    this.#setEntry(expr, unionEntries(this.#entryOf(yes), this.#entryOf(no)));
  }

  #index(expr: CallNode): void {
    const [operand] = expr.args;
    if (!operand) return;
    const declared = this.#declared.get(operand.id);
    if (declared?.kind === 'list') this.#setDeclared(expr, declared.element);
    else if (declared?.kind === 'map') this.#setDeclared(expr, declared.value);
    const entry = this.#entryOf(operand);
    if (entry) this.#sizes.set(expr.id, entry.value);
  }

  #joinEntries(expr: CallNode, [left, right]: readonly Expr[]): void {
    if (left && right) this.#setEntry(expr, unionEntries(this.#entryOf(left), this.#entryOf(right)));
  }

  #argument(expr: Expr): SizedArgument {
    const isList = this.#checked.types.get(expr.id)?.kind === 'list';
    return { size: this.#sizeOf(expr), itemSize: isList ? this.#itemSize(expr) : undefined, isList };
  }

  #itemSize(expr: Expr): Range | undefined {
    const type = this.#checked.types.get(expr.id);
    if (type?.kind !== 'list' || (type.element.kind !== 'string' && type.element.kind !== 'bytes')) return undefined;
    const declared = this.#declared.get(expr.id);
    return declared?.kind === 'list' ? declaredSize(declared.element) : UNKNOWN;
  }

  #fold(expr: FoldNode): Range {
    let sum = plus(this.cost(expr.range), this.cost(expr.init));
    const depth = this.#locals.length;
    this.#locals.push(this.#localOf(expr.accuVar, expr.init), ...this.#loopVariables(expr));
    const turn = plus(this.cost(expr.condition), this.cost(expr.step));
    this.#locals.length = depth + 1;
    sum = plus(sum, this.cost(expr.result));
    const turns = this.#sizeOf(expr.range);
    const stepEntry = this.#entryOf(expr.step);
    this.#locals.length = depth;
    if (expr.init.kind === 'literal') this.#sizes.set(expr.id, exactly(sizeOf(expr.init.value)));
    else if (expr.init.kind === 'list' || expr.init.kind === 'map') {
      this.#sizes.set(expr.id, turns);
      this.#setEntry(expr, stepEntry);
    }
    return plus(sum, times(turns, turn));
  }

  #localOf(name: string, value: Expr): Local {
    return { name, declared: this.#declared.get(value.id), size: this.#knownSize(value), entry: this.#entryOf(value) };
  }

  #loopVariables(expr: FoldNode): Local[] {
    const entry = this.#entryOf(expr.range);
    const declared = this.#declared.get(expr.range.id);
    const isList = entry ? entry.isList : this.#checked.types.get(expr.range.id)?.kind === 'list';
    const value: Omit<Local, 'name'> = {
      declared: declared?.kind === 'list' ? declared.element : declared?.kind === 'map' ? declared.value : undefined,
      size: entry?.value,
      entry: undefined,
    };
    const key: Omit<Local, 'name'> = { declared: declared?.kind === 'map' ? declared.key : undefined, size: entry?.key, entry: undefined };
    if (expr.iterVar2 === undefined) return [{ name: expr.iterVar, ...(isList ? value : key) }];
    return [
      { name: expr.iterVar, ...key },
      { name: expr.iterVar2, ...value },
    ];
  }

  #binding(expr: FoldNode): Range {
    const sum = plus(this.cost(expr.range), this.cost(expr.init));
    this.#locals.push(this.#localOf(expr.accuVar, expr.init));
    const result = this.cost(expr.result);
    this.#copySizes(expr, expr.result);
    this.#locals.pop();
    return plus(sum, result);
  }

  #copySizes(to: Expr, from: Expr): void {
    const size = this.#knownSize(from);
    if (size) this.#sizes.set(to.id, size);
    this.#setEntry(to, this.#entryOf(from));
  }

  #setEntry(expr: Expr, entry: EntrySize | undefined): void {
    if (entry) this.#entries.set(expr.id, entry);
  }

  #entryOf(expr: Expr): EntrySize | undefined {
    return this.#entries.get(expr.id) ?? this.#local(expr)?.entry;
  }

  #sizeOf(expr: Expr): Range {
    return this.#knownSize(expr) ?? UNKNOWN;
  }

  #knownSize(expr: Expr): Range | undefined {
    const computed = this.#sizes.get(expr.id) ?? writtenSize(expr);
    if (computed) return computed;
    const declared = this.#declared.get(expr.id);
    if (declared) return declaredSize(declared);
    const type = this.#checked.types.get(expr.id);
    if (type && isScalar(type)) return exactly(1);
    return this.#local(expr)?.size;
  }
}

/** Kinds whose values are compared in one step. */
const isScalar = (type: CelType): boolean =>
  SCALARS.has(type.kind) || type.kind === 'opaque' || (type.kind === 'optional' && isScalar(type.of));

/** The size of what is written out in the expression. */
function writtenSize(expr: Expr): Range | undefined {
  if (expr.kind === 'literal') return exactly(sizeOf(expr.value));
  if (expr.kind === 'list') return exactly(expr.elements.length);
  return expr.kind === 'map' ? exactly(expr.entries.length) : undefined;
}

function unionEntries(a: EntrySize | undefined, b: EntrySize | undefined): EntrySize | undefined {
  return a && b && { isList: a.isList, key: union(a.key, b.key), value: union(a.value, b.value) };
}

/** Whether a fold only gives a value a name. */
const isBinding = (expr: FoldNode): boolean =>
  expr.range.kind === 'list' &&
  expr.range.elements.length === 0 &&
  expr.condition.kind === 'literal' &&
  expr.condition.value === false &&
  expr.accuVar !== ACCUMULATOR;
