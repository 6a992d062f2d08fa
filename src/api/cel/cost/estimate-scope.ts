// What one cost estimate knows so far: the sizes that values of nodes can have, what types say of them, and the local variables in reach.
// The rules of the constructs (names.ts, calls.ts, constructors.ts, folds.ts) read and write it.

import type { CelType } from '../cel-type.ts';
import type { Checked } from '../check/check-scope.ts';
import { type Expr, type Visitor, visit } from '../syntax/syntax.ts';
import { sizeOf } from '../values.ts';
import type { SizedArgument } from './cost-models.ts';
import { exactly, type Range, UNBOUNDED, UNKNOWN } from './cost-range.ts';

/** Sizes of the keys and values of a list or map that the expression makes. */
export interface EntrySize {
  readonly isList: boolean;
  readonly key: Range;
  readonly value: Range;
}

/** What is known of a local variable. */
export interface Local {
  readonly name: string;
  readonly declared: CelType | undefined;
  readonly size: Range | undefined;
  readonly entry: EntrySize | undefined;
}

const SCALARS = new Set<CelType['kind']>(['bool', 'int', 'uint', 'double', 'timestamp', 'duration']);
/** Kinds whose values have no bound unless their type says one. */
const UNBOUNDED_KINDS = new Set<CelType['kind']>(['string', 'bytes', 'list', 'map', 'any', 'dyn']);

/** What a declared type says of the size of its values. Upstream takes nothing for those that have none. */
function declaredSize(type: CelType): Range {
  const max = 'maxSize' in type ? type.maxSize : undefined;
  return { min: 0, max: max ?? (UNBOUNDED_KINDS.has(type.kind) ? UNBOUNDED : 0) };
}

/** Kinds whose values are compared in one step. */
const isScalar = (type: CelType): boolean => SCALARS.has(type.kind) || (type.kind === 'optional' && isScalar(type.of));

/** The size of what is written out in the expression. */
function writtenSize(expr: Expr): Range | undefined {
  if (expr.kind === 'literal') return exactly(sizeOf(expr.value));
  if (expr.kind === 'list') return exactly(expr.elements.length);
  return expr.kind === 'map' ? exactly(expr.entries.length) : undefined;
}

/** The state of one estimate of one tree. */
export class EstimateScope {
  readonly checked: Checked;
  /** Variables of the folds around, the innermost last. */
  readonly locals: Local[] = [];
  readonly #rules: Visitor<EstimateScope, Range>;
  readonly #sizes = new Map<number, Range>();
  readonly #entries = new Map<number, EntrySize>();
  /** The declared type of what a node reads from a variable; its limits hold only there. */
  readonly #declared = new Map<number, CelType>();

  constructor(checked: Checked, rules: Visitor<EstimateScope, Range>) {
    this.checked = checked;
    this.#rules = rules;
  }

  /** What a node costs with all within it. */
  cost(expr: Expr): Range {
    return visit(this.#rules, this, expr);
  }

  /** The type that the check has given a node. */
  typeOf(expr: Expr): CelType | undefined {
    return this.checked.types.get(expr.id);
  }

  /** The local variable that a node names. */
  localOf(expr: Expr): Local | undefined {
    if (expr.kind !== 'ident' || this.checked.references.has(expr.id)) return undefined;
    return this.locals.findLast(({ name }) => name === expr.name);
  }

  /** A local variable that has the value of a node. */
  asLocal(name: string, value: Expr): Local {
    return { name, declared: this.declaredType(value), size: this.#knownSize(value), entry: this.entrySize(value) };
  }

  /** The declared type of what a node reads from a variable. */
  declaredType(expr: Expr): CelType | undefined {
    return this.#declared.get(expr.id);
  }

  setDeclaredType(expr: Expr, type: CelType | undefined): void {
    if (type) this.#declared.set(expr.id, type);
  }

  /** The sizes of the keys and values of a node's list or map. */
  entrySize(expr: Expr): EntrySize | undefined {
    return this.#entries.get(expr.id) ?? this.localOf(expr)?.entry;
  }

  setEntrySize(expr: Expr, entry: EntrySize | undefined): void {
    if (entry) this.#entries.set(expr.id, entry);
  }

  /** The size of a node's value: characters, bytes, items or entries. */
  size(expr: Expr): Range {
    return this.#knownSize(expr) ?? UNKNOWN;
  }

  setSize(expr: Expr, size: Range | undefined): void {
    if (size) this.#sizes.set(expr.id, size);
  }

  #knownSize(expr: Expr): Range | undefined {
    const computed = this.#sizes.get(expr.id) ?? writtenSize(expr);
    if (computed) return computed;
    const declared = this.#declared.get(expr.id);
    if (declared) return declaredSize(declared);
    const type = this.typeOf(expr);
    if (type && isScalar(type)) return exactly(1);
    return this.localOf(expr)?.size;
  }

  /** What the value of one node is that of another. */
  copySizes(to: Expr, from: Expr): void {
    this.setSize(to, this.#knownSize(from));
    this.setEntrySize(to, this.entrySize(from));
  }

  /** What is known of a node that is an argument of a call. */
  argument(expr: Expr): SizedArgument {
    const type = this.typeOf(expr);
    const isList = type?.kind === 'list';
    const itemSize = isList ? this.#itemSize(expr) : undefined;
    const opaque = type?.kind === 'opaque' ? type.name : undefined;
    return { size: this.size(expr), itemSize, isList, opaque, constant: expr.kind === 'literal' ? expr.value : undefined };
  }

  #itemSize(expr: Expr): Range | undefined {
    const type = this.typeOf(expr);
    if (type?.kind !== 'list' || (type.element.kind !== 'string' && type.element.kind !== 'bytes')) return undefined;
    const declared = this.#declared.get(expr.id);
    return declared?.kind === 'list' ? declaredSize(declared.element) : UNKNOWN;
  }
}
