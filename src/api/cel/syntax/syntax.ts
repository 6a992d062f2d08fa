// The syntax tree of CEL. Macros are expanded while parsing, so that what remains is literals, names, selections, calls, constructors and folds.
// Rules: CEL specification, "Syntax" and "Macros".

import type { CelValue } from '../values.ts';

interface Node {
  /** Unique in the tree. */
  readonly id: number;
  /** Where faults of this node are shown: the offset of its operator, bracket or first character. */
  readonly offset: number;
}

/** A constant. */
export interface LiteralNode extends Node {
  readonly kind: 'literal';
  readonly value: CelValue;
}

/** A name; a leading dot stays in it. */
export interface IdentNode extends Node {
  readonly kind: 'ident';
  readonly name: string;
}

/** `operand.field`, or with `test` `has(operand.field)`. */
export interface SelectNode extends Node {
  readonly kind: 'select';
  readonly operand: Expr;
  readonly field: string;
  readonly test: boolean;
}

/** A function or operator applied to arguments. */
export interface CallNode extends Node {
  readonly kind: 'call';
  readonly fn: string;
  readonly target: Expr | undefined;
  readonly args: readonly Expr[];
}

/** `[a, ?b]`. */
export interface ListNode extends Node {
  readonly kind: 'list';
  readonly elements: readonly { readonly value: Expr; readonly optional: boolean }[];
}

/** `{k: v, ?k2: v2}`. */
export interface MapNode extends Node {
  readonly kind: 'map';
  readonly entries: readonly MapEntry[];
}

/** One entry of a map constructor. */
export interface MapEntry {
  readonly key: Expr;
  readonly value: Expr;
  readonly optional: boolean;
  readonly offset: number;
}

/** `Type{field: value}`. */
export interface StructNode extends Node {
  readonly kind: 'struct';
  readonly type: string;
  readonly fields: readonly StructField[];
}

/** One field of an object constructor. */
export interface StructField {
  readonly name: string;
  readonly value: Expr;
  readonly optional: boolean;
  readonly offset: number;
}

/** A loop over a list or map: what the macros become. */
export interface FoldNode extends Node {
  readonly kind: 'fold';
  readonly range: Expr;
  readonly iterVar: string;
  readonly iterVar2: string | undefined;
  readonly accuVar: string;
  readonly init: Expr;
  readonly condition: Expr;
  readonly step: Expr;
  readonly result: Expr;
}

/** Any node. */
export type Expr = LiteralNode | IdentNode | SelectNode | CallNode | ListNode | MapNode | StructNode | FoldNode;

/** One rule for each kind of node: what a phase of the compiler makes of it. `S` is what the phase knows so far, `R` what it makes. */
export type Visitor<S, R> = { readonly [K in Expr['kind']]: (scope: S, expr: Extract<Expr, { kind: K }>) => R };

/** Applies the rule of the node's kind. Rules visit the nodes within where, and in the order, they need them. */
export function visit<S, R>(visitor: Visitor<S, R>, scope: S, expr: Expr): R {
  switch (expr.kind) {
    case 'literal':
      return visitor.literal(scope, expr);
    case 'ident':
      return visitor.ident(scope, expr);
    case 'select':
      return visitor.select(scope, expr);
    case 'call':
      return visitor.call(scope, expr);
    case 'list':
      return visitor.list(scope, expr);
    case 'map':
      return visitor.map(scope, expr);
    case 'struct':
      return visitor.struct(scope, expr);
    case 'fold':
      return visitor.fold(scope, expr);
  }
}

const CHILDREN: Visitor<undefined, readonly Expr[]> = {
  literal: () => [],
  ident: () => [],
  select: (_, { operand }) => [operand],
  call: (_, { target, args }) => (target ? [target, ...args] : args),
  list: (_, { elements }) => elements.map(({ value }) => value),
  map: (_, { entries }) => entries.flatMap(({ key, value }) => [key, value]),
  struct: (_, { fields }) => fields.map(({ value }) => value),
  fold: (_, { range, init, condition, step, result }) => [range, init, condition, step, result],
};

/** The node and all within it, each before what is in it. */
export function* nodesOf(expr: Expr): Iterable<Expr> {
  yield expr;
  for (const child of visit(CHILDREN, undefined, expr)) yield* nodesOf(child);
}

/** The dotted name that an expression spells, which may be the name of a variable, type or function; undefined if it is no name. */
export function dottedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name;
  if (expr.kind !== 'select' || expr.test) return undefined;
  const operand = dottedName(expr.operand);
  return operand === undefined ? undefined : `${operand}.${expr.field}`;
}
