// What one type check knows so far: the types it has given, what stands for type parameters, the local variables in reach, the faults found.
// The rules of the constructs (names.ts, calls.ts, constructors.ts, folds.ts) read and write it.

import { type CelType, typeText } from '../cel-type.ts';
import type { FunctionTable } from '../function-table.ts';
import type { Overload } from '../overload.ts';
import type { Issue } from '../syntax/source-text.ts';
import { type Expr, type Visitor, visit } from '../syntax/syntax.ts';
import { type Bindings, closed, renamed, substitute, unify, unifyAll } from './type-unifier.ts';

/** What an expression may refer to. */
export interface Declarations {
  readonly functions: FunctionTable;
  /** Variables by name. */
  variable(name: string): CelType | undefined;
  /** Types that expressions may construct, or name. */
  type(name: string): CelType | undefined;
}

/** What checking finds out. */
export interface Checked {
  readonly type: CelType;
  /** By node. */
  readonly types: ReadonlyMap<number, CelType>;
  /** By node of a call: the overloads that fit what is known. */
  readonly overloads: ReadonlyMap<number, readonly Overload[]>;
  /** By node: the variable, type or function that a dotted name stands for as a whole. */
  readonly references: ReadonlyMap<number, Reference>;
  /** Declared variables the expression uses. */
  readonly uses: ReadonlySet<string>;
  readonly issues: readonly Issue[];
}

/** What a name stands for when it is no local variable. */
export type Reference = { readonly variable: string } | { readonly type: CelType } | { readonly fn: string };

/** A variable of a fold. */
export interface Local {
  readonly name: string;
  readonly type: CelType;
}

/** The type of what is wrong already. It fits everything, so that a fault brings few others with it. */
export const ERROR: CelType = { kind: 'dyn', name: '!error!' };

/** The state of one check of one tree. */
export class CheckScope {
  readonly declarations: Declarations;
  readonly types = new Map<number, CelType>();
  readonly overloads = new Map<number, readonly Overload[]>();
  readonly references = new Map<number, Reference>();
  readonly uses = new Set<string>();
  readonly issues: Issue[] = [];
  /** Variables of the folds around, the innermost last. */
  readonly locals: Local[] = [];
  /** In how many calls we are whose list arguments may mix types. */
  mixedLists = 0;
  readonly #rules: Visitor<CheckScope, CelType>;
  readonly #verifications: (() => void)[] = [];
  #bindings: Bindings = new Map();
  #variables = 0;

  constructor(declarations: Declarations, rules: Visitor<CheckScope, CelType>) {
    this.declarations = declarations;
    this.#rules = rules;
  }

  /** Checks the whole tree. */
  run(expr: Expr): Checked {
    const type = this.check(expr);
    if (this.issues.length === 0) for (const verify of this.#verifications) verify();
    const types = new Map([...this.types].map(([id, open]) => [id, this.closed(open)]));
    const { overloads, references, uses, issues } = this;
    return { type: this.closed(type), types, overloads, references, uses, issues };
  }

  /** The type of a node, which is noted. */
  check(expr: Expr): CelType {
    const type = visit(this.#rules, this, expr);
    this.types.set(expr.id, type);
    return type;
  }

  /** Checks a node whose type is to be that one. */
  expect(expr: Expr, wanted: CelType): void {
    const type = this.check(expr);
    if (!this.assignable(wanted, type)) this.report(expr.offset, `expected type '${this.text(wanted)}' but found '${this.text(type)}'`);
  }

  /** Notes a fault; the type of what has it. */
  report(offset: number, message: string): CelType {
    this.issues.push({ offset, message });
    return ERROR;
  }

  /** What is looked at when all types are known and there are no other faults. */
  verifyLater(verify: () => void): void {
    this.#verifications.push(verify);
  }

  /** A type that is not known yet. */
  fresh(): CelType {
    return { kind: 'param', name: this.#freshName() };
  }

  #freshName(): string {
    return `_var${this.#variables++}`;
  }

  /** The type with what is known of its parameters. */
  known(type: CelType): CelType {
    return substitute(this.#bindings, type);
  }

  /** The type with what is known of its parameters; those that are free may be anything. */
  closed(type: CelType): CelType {
    return closed(this.known(type));
  }

  /** The type as messages show it. */
  text(type: CelType): string {
    return typeText(this.closed(type));
  }

  /** Whether a value of type `from` may stand where `to` is asked for; remembers what that says of type parameters. */
  assignable(to: CelType, from: CelType): boolean {
    return this.#bind(unify(this.#bindings, to, from));
  }

  /** The result type of an overload if it fits those arguments; remembers what that says of type parameters. */
  apply(overload: Overload, args: readonly CelType[]): CelType | undefined {
    const names = new Map<string, string>();
    const rename = (name: string): string => {
      const known = names.get(name) ?? this.#freshName();
      names.set(name, known);
      return known;
    };
    const params = overload.params.map((param) => renamed(param, rename));
    const result = renamed(overload.result, rename);
    return this.#bind(unifyAll(this.#bindings, params, args)) ? this.known(result) : undefined;
  }

  #bind(bindings: Bindings | undefined): boolean {
    if (bindings) this.#bindings = bindings;
    return bindings !== undefined;
  }

  /** Whether the first part of a dotted name is a local variable. */
  isLocal(name: string): boolean {
    const first = name.split('.', 1)[0];
    return this.locals.some((variable) => variable.name === first);
  }
}
