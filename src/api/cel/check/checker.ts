// Type-checks a CEL expression: gives each node its type and each call the overloads it may be. Rules: CEL specification, "Gradual Type Checking";
// the texts of faults are cel-go's, which users and tests match on.

import {
  BOOL,
  BYTES,
  type CelObjectType,
  type CelType,
  DOUBLE,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  STRING,
  typeText,
  UINT,
} from '../cel-type.ts';
import type { FunctionTable } from '../function-table.ts';
import type { Overload } from '../overload.ts';
import { typeName } from '../syntax/parser.ts';
import type { Issue } from '../syntax/source-text.ts';
import type { CallNode, Expr, FoldNode, ListNode, MapNode, SelectNode, StructNode } from '../syntax/syntax.ts';
import { CelUint } from '../values.ts';
import { type Bindings, closed, renamed, sameType, substitute, unify, unifyAll } from './type-unifier.ts';

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

/** Checks a tree. Faults are in `issues`; the rest then means nothing. */
export function checkExpression(expr: Expr, declarations: Declarations): Checked {
  return new Checker(declarations).run(expr);
}

/** Stands for the type of what is wrong already, so that one fault is told once. It fits everything. */
const ERROR: CelType = { kind: 'dyn' };

/** One check of one tree. */
class Checker {
  readonly #declarations: Declarations;
  readonly #types = new Map<number, CelType>();
  readonly #overloads = new Map<number, readonly Overload[]>();
  readonly #references = new Map<number, Reference>();
  readonly #uses = new Set<string>();
  readonly #issues: Issue[] = [];
  readonly #locals: { name: string; type: CelType }[] = [];
  #bindings: Bindings = new Map();
  #variables = 0;
  /** Lists in the arguments of these may mix types. */
  #mixedLists = 0;
  readonly #literals: (() => void)[] = [];

  constructor(declarations: Declarations) {
    this.#declarations = declarations;
  }

  run(expr: Expr): Checked {
    const type = this.#check(expr);
    if (this.#issues.length === 0) for (const verify of this.#literals) verify();
    const close = (open: CelType): CelType => closed(substitute(this.#bindings, open));
    return {
      type: close(type),
      types: new Map([...this.#types].map(([id, open]) => [id, close(open)])),
      overloads: this.#overloads,
      references: this.#references,
      uses: this.#uses,
      issues: this.#issues,
    };
  }

  #report(offset: number, message: string): CelType {
    this.#issues.push({ offset, message });
    return ERROR;
  }

  #text(type: CelType): string {
    return typeText(substitute(this.#bindings, type));
  }

  #fresh(): CelType {
    return { kind: 'param', name: `_var${this.#variables++}` };
  }

  /** Whether a value of type `from` may stand where `to` is asked for; remembers what that says of type parameters. */
  #assignable(to: CelType, from: CelType): boolean {
    const bindings = unify(this.#bindings, to, from);
    if (bindings) this.#bindings = bindings;
    return bindings !== undefined;
  }

  #check(expr: Expr): CelType {
    const type = this.#typeOf(expr);
    this.#types.set(expr.id, type);
    return type;
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case 'literal':
        return literalType(expr.value);
      case 'ident':
        return this.#name(expr, expr.name) ?? this.#report(expr.offset, `undeclared reference to '${expr.name}' (in container '')`);
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

  /** The type of a name: a local variable, a declared one, or a type as a value. */
  #name(expr: Expr, name: string): CelType | undefined {
    const local = name.startsWith('.') ? undefined : this.#locals.findLast((variable) => variable.name === name);
    if (local) return local.type;
    const plain = name.startsWith('.') ? name.slice(1) : name;
    const variable = this.#declarations.variable(plain);
    if (variable) {
      this.#uses.add(plain);
      this.#references.set(expr.id, { variable: plain });
      return variable;
    }
    const type = this.#declarations.type(plain);
    if (!type) return undefined;
    this.#references.set(expr.id, { type });
    return { kind: 'type', of: type };
  }

  #select(expr: SelectNode): CelType {
    const name = expr.test ? undefined : typeName(expr);
    if (name !== undefined && !this.#isLocal(name)) {
      const whole = this.#name(expr, name);
      if (whole) return whole;
    }
    const operand = substitute(this.#bindings, this.#check(expr.operand));
    const type = this.#fieldType(expr, operand, expr.field);
    return expr.test ? BOOL : type;
  }

  #isLocal(name: string): boolean {
    const first = name.split('.', 1)[0];
    return this.#locals.some((variable) => variable.name === first);
  }

  #fieldType(at: { offset: number }, operand: CelType, field: string): CelType {
    switch (operand.kind) {
      case 'dyn':
        return DYN;
      case 'param':
        this.#assignable(DYN, operand);
        return DYN;
      case 'map':
        return operand.value;
      case 'optional': {
        const type = this.#fieldType(at, substitute(this.#bindings, operand.of), field);
        return type.kind === 'optional' ? type : { kind: 'optional', of: type };
      }
      case 'object':
        return operand.field(field)?.type ?? this.#report(at.offset, `undefined field '${field}'`);
      default:
        return this.#report(at.offset, `type '${this.#text(operand)}' does not support field selection`);
    }
  }

  #call(expr: CallNode): CelType {
    if (expr.fn === '_?._') return this.#optionalSelect(expr);
    const { functions } = this.#declarations;
    const { target } = expr;
    if (!target) {
      const name = expr.fn.startsWith('.') ? expr.fn.slice(1) : expr.fn;
      const args = expr.args.map((arg) => this.#argument(expr, arg));
      return this.#resolve(expr, { name, member: false, overloads: functions.get(name) }, args);
    }
    const qualifier = typeName(target);
    const qualified = qualifier === undefined || this.#isLocal(qualifier) ? undefined : `${qualifier.replace(/^\./, '')}.${expr.fn}`;
    const overloads = qualified === undefined ? [] : functions.get(qualified);
    if (qualified !== undefined && overloads.length > 0) {
      this.#references.set(expr.id, { fn: qualified });
      return this.#resolve(
        expr,
        { name: qualified, member: false, overloads },
        expr.args.map((arg) => this.#check(arg)),
      );
    }
    const args = [this.#check(target), ...expr.args.map((arg) => this.#argument(expr, arg))];
    return this.#resolve(expr, { name: expr.fn, member: true, overloads: functions.get(expr.fn) }, args);
  }

  /** The list of values to format may mix their types. */
  #argument(expr: CallNode, arg: Expr): CelType {
    if (expr.fn !== 'format') return this.#check(arg);
    this.#mixedLists++;
    const type = this.#check(arg);
    this.#mixedLists--;
    return type;
  }

  #resolve(
    expr: CallNode,
    call: { readonly name: string; readonly member: boolean; readonly overloads: readonly Overload[] },
    args: readonly CelType[],
  ): CelType {
    if (call.overloads.length === 0) return this.#report(expr.offset, `undeclared reference to '${call.name}' (in container '')`);
    if (call.name === '_&&_' || call.name === '_||_') return this.#logical(expr, call.overloads, args);
    const fitting: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of call.overloads) {
      if (overload.member !== call.member) continue;
      const type = this.#apply(overload, args);
      if (!type) continue;
      fitting.push(overload);
      if (!result) result = type;
      else if (result.kind !== 'dyn' && !sameType(result, type)) result = DYN;
    }
    if (result) {
      this.#overloads.set(expr.id, fitting);
      return result;
    }
    const [first, ...rest] = args.map((type) => this.#text(type));
    const applied = call.member ? `${first}.(${rest.join(', ')})` : `(${[first, ...rest].filter((text) => text !== undefined).join(', ')})`;
    return this.#report(expr.offset, `found no matching overload for '${call.name}' applied to '${applied}'`);
  }

  /** The result type of an overload if it fits. */
  #apply(overload: Overload, args: readonly CelType[]): CelType | undefined {
    const names = new Map<string, string>();
    const rename = (name: string): string => {
      const known = names.get(name) ?? `_var${this.#variables++}`;
      names.set(name, known);
      return known;
    };
    const params = overload.params.map((param) => renamed(param, rename));
    const result = renamed(overload.result, rename);
    const bindings = unifyAll(this.#bindings, params, args);
    if (!bindings) return undefined;
    this.#bindings = bindings;
    return substitute(bindings, result);
  }

  #logical(expr: CallNode, overloads: readonly Overload[], args: readonly CelType[]): CelType {
    args.forEach((type, index) => {
      if (!this.#assignable(BOOL, type))
        this.#report(expr.args[index]?.offset ?? expr.offset, `expected type 'bool' but found '${this.#text(type)}'`);
    });
    this.#overloads.set(expr.id, overloads);
    return BOOL;
  }

  #optionalSelect(expr: CallNode): CelType {
    const [operand, field] = expr.args;
    if (!operand || field?.kind !== 'literal' || typeof field.value !== 'string')
      return this.#report(expr.offset, 'unsupported optional field selection');
    this.#types.set(field.id, STRING);
    const type = this.#fieldType(field, substitute(this.#bindings, this.#check(operand)), field.value);
    return type.kind === 'optional' ? type : { kind: 'optional', of: type };
  }

  /** The type of an item that may be absent: what is in its optional. */
  #unwrapped(expr: Expr, optional: boolean): CelType {
    const type = substitute(this.#bindings, this.#check(expr));
    if (!optional || type.kind === 'dyn') return type;
    if (type.kind === 'optional') return type.of;
    return this.#report(expr.offset, `expected type 'optional_type(${this.#text(type)})' but found '${this.#text(type)}'`);
  }

  /** One type for items of several; they are to be the same, which is told when all is known. */
  #joined(items: readonly { expr: Expr; type: CelType }[]): CelType {
    const [first, ...rest] = items;
    if (!first) return this.#fresh();
    let joined = first.type;
    for (const { type } of rest) if (joined.kind !== 'dyn') joined = this.#assignable(joined, type) ? this.#general(joined, type) : DYN;
    if (this.#mixedLists === 0) this.#literals.push(() => this.#verifySame(items));
    return joined;
  }

  #general(a: CelType, b: CelType): CelType {
    const other = substitute(this.#bindings, b);
    return other.kind === 'dyn' || (a.kind === 'null' && other.kind !== 'null') ? other : a;
  }

  #verifySame(items: readonly { expr: Expr; type: CelType }[]): void {
    const [first, ...rest] = items.map(({ expr, type }) => ({ offset: expr.offset, type: closed(substitute(this.#bindings, type)) }));
    const wrong = first && rest.find(({ type }) => !sameType(first.type, type));
    if (first && wrong) this.#report(wrong.offset, `expected type '${typeText(first.type)}' but found '${typeText(wrong.type)}'`);
  }

  #list(expr: ListNode): CelType {
    return listOf(this.#joined(expr.elements.map(({ value, optional }) => ({ expr: value, type: this.#unwrapped(value, optional) }))));
  }

  #map(expr: MapNode): CelType {
    const entries = expr.entries.map(({ key, value, optional }) => ({
      key: { expr: key, type: this.#check(key) },
      value: { expr: value, type: this.#unwrapped(value, optional) },
    }));
    return mapOf(this.#joined(entries.map(({ key }) => key)), this.#joined(entries.map(({ value }) => value)));
  }

  #struct(expr: StructNode): CelType {
    const type = this.#declarations.type(expr.type.replace(/^\./, ''));
    if (!type) {
      for (const { value } of expr.fields) this.#check(value);
      return this.#report(expr.offset, `undeclared reference to '${expr.type}' (in container '')`);
    }
    if (type.kind !== 'object') return this.#report(expr.offset, `'${typeText(type)}' is not a message type`);
    for (const field of expr.fields) this.#structField(type, field);
    return type;
  }

  #structField(type: CelObjectType, field: StructNode['fields'][number]): void {
    const value = this.#unwrapped(field.value, field.optional);
    const declared = type.field(field.name)?.type;
    if (!declared) this.#report(field.offset, `undefined field '${field.name}'`);
    else if (!this.#assignable(declared, value)) {
      const wanted = this.#text(declared);
      this.#report(field.offset, `expected type of field '${field.name}' is '${wanted}' but provided type is '${this.#text(value)}'`);
    }
  }

  #fold(expr: FoldNode): CelType {
    const range = substitute(this.#bindings, this.#check(expr.range));
    const accu = this.#check(expr.init);
    const depth = this.#locals.length;
    this.#locals.push({ name: expr.accuVar, type: accu }, ...this.#loopVariables(expr, range));
    this.#expect(expr.condition, BOOL);
    this.#expect(expr.step, accu);
    this.#locals.length = depth + 1;
    const result = this.#check(expr.result);
    this.#locals.length = depth;
    return substitute(this.#bindings, result);
  }

  #expect(expr: Expr, wanted: CelType): void {
    const type = this.#check(expr);
    if (!this.#assignable(wanted, type)) this.#report(expr.offset, `expected type '${this.#text(wanted)}' but found '${this.#text(type)}'`);
  }

  #loopVariables(expr: FoldNode, range: CelType): { name: string; type: CelType }[] {
    const both = (first: CelType, second: CelType): { name: string; type: CelType }[] =>
      expr.iterVar2 === undefined
        ? [{ name: expr.iterVar, type: first }]
        : [
            { name: expr.iterVar, type: first },
            { name: expr.iterVar2, type: second },
          ];
    switch (range.kind) {
      case 'list':
        return expr.iterVar2 === undefined ? both(range.element, DYN) : both(INT, range.element);
      case 'map':
        return both(range.key, range.value);
      case 'param':
        this.#assignable(DYN, range);
        return both(DYN, DYN);
      case 'dyn':
        return both(DYN, DYN);
      default:
        this.#report(
          expr.range.offset,
          `expression of type '${this.#text(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return both(ERROR, ERROR);
    }
  }
}

function literalType(value: unknown): CelType {
  if (value === null) return NULL;
  if (value instanceof CelUint) return UINT;
  if (value instanceof Uint8Array) return BYTES;
  switch (typeof value) {
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT;
    case 'number':
      return DOUBLE;
    default:
      return STRING;
  }
}
