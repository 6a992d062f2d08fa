// CEL's macros: has, all, exists, exists_one, map, filter, the optional ones, and the comprehensions over two variables.
// Rules: CEL specification, "Macros"; cel-go's extensions "Two Variable Comprehensions" and "Optional Types".

import type { CelValue } from '../values.ts';
import type { CallNode, Expr, FoldNode } from './syntax.ts';

/** A call that may be a macro. */
export interface MacroCall {
  readonly target: Expr | undefined;
  readonly fn: string;
  readonly args: readonly Expr[];
  readonly offset: number;
  readonly newId: () => number;
}

/** Gives the tree that a call stands for, undefined if it is no macro. @throws MacroFault */
export type MacroExpander = (call: MacroCall) => Expr | undefined;

/** A macro's arguments are wrong; `offset` says which. */
export class MacroFault extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** The name of a fold's result while it is made; no expression can spell it. */
export const ACCUMULATOR = '@result';

/** Builds nodes at the place of the macro's call. */
class Builder {
  readonly #call: MacroCall;
  constructor(call: MacroCall) {
    this.#call = call;
  }
  get #node(): { id: number; offset: number } {
    return { id: this.#call.newId(), offset: this.#call.offset };
  }
  literal(value: CelValue): Expr {
    return { kind: 'literal', ...this.#node, value };
  }
  ident(name: string): Expr {
    return { kind: 'ident', ...this.#node, name };
  }
  accu(): Expr {
    return this.ident(ACCUMULATOR);
  }
  call(fn: string, ...args: Expr[]): CallNode {
    return { kind: 'call', ...this.#node, fn, target: undefined, args };
  }
  list(...values: Expr[]): Expr {
    return { kind: 'list', ...this.#node, elements: values.map((value) => ({ value, optional: false })) };
  }
  emptyMap(): Expr {
    return { kind: 'map', ...this.#node, entries: [] };
  }
  /** A fold over nothing whose accumulator is the variable. */
  binding(name: string, value: Expr, result: Expr): Expr {
    return {
      kind: 'fold',
      ...this.#node,
      range: this.list(),
      iterVar: '#unused',
      iterVar2: undefined,
      accuVar: name,
      init: value,
      condition: this.literal(false),
      step: this.ident(name),
      result,
    };
  }
  fold(parts: Omit<FoldNode, 'kind' | 'id' | 'offset' | 'accuVar'>): Expr {
    return { kind: 'fold', ...this.#node, accuVar: ACCUMULATOR, ...parts };
  }
}

interface Loop {
  readonly build: Builder;
  readonly range: Expr;
  readonly iterVar: string;
  readonly iterVar2: string | undefined;
}

/** The tree a macro stands for, or undefined if the call is none. @throws MacroFault */
export function expandMacro(call: MacroCall): Expr | undefined {
  const build = new Builder(call);
  const { target, fn, args } = call;
  if (target === undefined) return fn === 'has' && args.length === 1 ? expandHas(build, call) : undefined;
  const [first, second, third, fourth] = args;
  if (args.length === 2 && first && second) {
    const makeLoop = (): Loop => ({ build, range: target, iterVar: variable(first, fn), iterVar2: undefined });
    if (fn === 'all' || fn === 'exists' || fn === 'exists_one') return QUANTIFIERS[fn](makeLoop(), second);
    if (fn === 'map') return expandMap(makeLoop(), undefined, second);
    if (fn === 'filter') return expandFilter(makeLoop(), first, second);
    if (fn === 'sortBy') return expandSortBy(build, call);
    if (fn === 'optMap' || fn === 'optFlatMap') return expandOptional(build, call, fn === 'optMap');
  }
  if (args.length === 3 && first && second && third) {
    if (fn === 'map') return expandMap({ build, range: target, iterVar: variable(first, fn), iterVar2: undefined }, second, third);
    return expandTwoVariables(build, call, [third]);
  }
  if (args.length === 4 && third && fourth) return expandTwoVariables(build, call, [third, fourth]);
  return undefined;
}

function variable(expr: Expr, macro: string): string {
  if (expr.kind !== 'ident' || expr.name.startsWith('.')) {
    const isNoName = ['map', 'filter', 'sortBy'].includes(macro) ? 'argument is not an identifier' : 'argument must be a simple name';
    throw new MacroFault(isNoName, expr.offset);
  }
  if (expr.name === '__result__' || expr.name === ACCUMULATOR)
    throw new MacroFault('iteration variable overwrites accumulator variable', expr.offset);
  return expr.name;
}

function expandHas(_build: Builder, call: MacroCall): Expr {
  const [operand] = call.args;
  if (operand?.kind !== 'select' || operand.test) throw new MacroFault('invalid argument to has() macro', operand?.offset ?? call.offset);
  return { ...operand, id: call.newId(), offset: call.offset, test: true };
}

const all = ({ build, ...loop }: Loop, predicate: Expr): Expr =>
  build.fold({
    ...loop,
    init: build.literal(true),
    condition: build.call('@not_strictly_false', build.accu()),
    step: build.call('_&&_', build.accu(), predicate),
    result: build.accu(),
  });

const exists = ({ build, ...loop }: Loop, predicate: Expr): Expr =>
  build.fold({
    ...loop,
    init: build.literal(false),
    condition: build.call('@not_strictly_false', build.call('!_', build.accu())),
    step: build.call('_||_', build.accu(), predicate),
    result: build.accu(),
  });

const existsOne = ({ build, ...loop }: Loop, predicate: Expr): Expr =>
  build.fold({
    ...loop,
    init: build.literal(0n),
    condition: build.literal(true),
    step: build.call('_?_:_', predicate, build.call('_+_', build.accu(), build.literal(1n)), build.accu()),
    result: build.call('_==_', build.accu(), build.literal(1n)),
  });

const QUANTIFIERS = { all, exists, exists_one: existsOne, existsOne };

/** `step` if the condition, where there is one, holds; else nothing changes. */
function conditional(build: Builder, condition: Expr | undefined, step: Expr): Expr {
  return condition === undefined ? step : build.call('_?_:_', condition, step, build.accu());
}

function expandMap({ build, ...loop }: Loop, condition: Expr | undefined, transform: Expr): Expr {
  const step = build.call('_+_', build.accu(), build.list(transform));
  return build.fold({
    ...loop,
    init: build.list(),
    condition: build.literal(true),
    step: conditional(build, condition, step),
    result: build.accu(),
  });
}

function expandFilter(loop: Loop, item: Expr, predicate: Expr): Expr {
  return expandMap(loop, predicate, item);
}

function expandTwoVariables(build: Builder, call: MacroCall, rest: readonly [Expr] | readonly [Expr, Expr]): Expr | undefined {
  const { target, args, fn } = call;
  const [first, second] = args;
  if (!target || !first || !second) return undefined;
  const makeLoop = (): Loop => {
    const loop = { build, range: target, iterVar: variable(first, fn), iterVar2: variable(second, fn) };
    if (loop.iterVar === loop.iterVar2) throw new MacroFault(`duplicate variable name: ${loop.iterVar}`, second.offset);
    return loop;
  };
  const condition = rest.length === 2 ? rest[0] : undefined;
  const last = rest.length === 2 ? rest[1] : rest[0];
  if (condition === undefined && (fn === 'all' || fn === 'exists' || fn === 'existsOne')) return QUANTIFIERS[fn](makeLoop(), last);
  if (fn === 'transformList') return expandMap(makeLoop(), condition, last);
  if (fn !== 'transformMap' && fn !== 'transformMapEntry') return undefined;
  const loop = makeLoop();
  const step =
    fn === 'transformMap'
      ? build.call('cel.@mapInsert', build.accu(), build.ident(loop.iterVar), last)
      : build.call('cel.@mapInsert', build.accu(), last);
  const { build: _, ...variables } = loop;
  return build.fold({
    ...variables,
    init: build.emptyMap(),
    condition: build.literal(true),
    step: conditional(build, condition, step),
    result: build.accu(),
  });
}

/** `o.optMap(v, e)`: the variable is what is in the optional. */
function expandOptional(build: Builder, call: MacroCall, wraps: boolean): Expr {
  const [name, transform] = call.args;
  const target = call.target;
  if (!target || !name || !transform) throw new MacroFault('optMap() variable name must be a simple identifier', call.offset);
  if (name.kind !== 'ident') throw new MacroFault(`${call.fn}() variable name must be a simple identifier`, name.offset);
  const member = (fn: string): Expr => ({ ...build.call(fn), target });
  const bound = build.binding(name.name, member('value'), transform);
  const present = wraps ? build.call('optional.of', bound) : bound;
  return build.call('_?_:_', member('hasValue'), present, build.call('optional.none'));
}

/** The function that `sortBy` becomes: sorts a list by another of keys. No expression can spell it. */
export const SORT_BY_KEYS = '@sortByAssociatedKeys';
const SORT_INPUT = '@__sortBy_input__';
const SORTABLE = new Set<Expr['kind']>(['list', 'select', 'ident', 'fold', 'call']);

/** `list.sortBy(v, key)`: the list is evaluated once, for its items and for their keys. */
function expandSortBy(build: Builder, { target, args, fn }: MacroCall): Expr | undefined {
  const [name, key] = args;
  if (!target || !name || !key) return undefined;
  if (!SORTABLE.has(target.kind)) {
    throw new MacroFault('sortBy can only be applied to a list, identifier, comprehension, call or select expression', target.offset);
  }
  const keys = expandMap({ build, range: build.ident(SORT_INPUT), iterVar: variable(name, fn), iterVar2: undefined }, undefined, key);
  const sorted: Expr = { ...build.call(SORT_BY_KEYS, keys), target: build.ident(SORT_INPUT) };
  return build.binding(SORT_INPUT, target, sorted);
}

/** The tree of `cel.bind(name, value, expression)`, which has a name for a value; undefined if the call is another. @throws MacroFault */
export function expandBind(call: MacroCall): Expr | undefined {
  const [name, value, expression] = call.args;
  const isBind = call.fn === 'bind' && call.target?.kind === 'ident' && call.target.name === 'cel' && call.args.length === 3;
  if (!isBind || !name || !value || !expression) return undefined;
  if (name.kind !== 'ident') throw new MacroFault('cel.bind() variable names must be simple identifiers', name.offset);
  return new Builder(call).binding(name.name, value, expression);
}
