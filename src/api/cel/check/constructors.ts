// How what is written out is checked: literals, lists, maps and objects. Rules: CEL specification, "Gradual Type Checking";
// that the items of one list are of one type is Kubernetes' own rule.

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
import type { Expr, ListNode, LiteralNode, MapNode, StructField, StructNode } from '../syntax/syntax.ts';
import { CelUint } from '../values.ts';
import { type CheckScope, ERROR } from './check-scope.ts';
import { sameType } from './type-unifier.ts';

/** The type of a constant. */
export function checkLiteral(_scope: CheckScope, { value }: LiteralNode): CelType {
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

/** An item of a list, or a key or value of a map, with its type. */
interface Item {
  readonly expr: Expr;
  readonly type: CelType;
}

/** The type of an item that may be absent: what is in its optional. */
function checkOptional(scope: CheckScope, expr: Expr, optional: boolean): CelType {
  const type = scope.known(scope.check(expr));
  if (!optional || (type.kind === 'dyn' && type !== ERROR)) return type;
  if (type.kind === 'optional') return type.of;
  return scope.report(expr.offset, `expected type 'optional_type(${scope.text(type)})' but found '${scope.text(type)}'`);
}

/** One type for items of several; they are to be the same, which is told when all is known, of at most `told` items. */
function joinTypes(scope: CheckScope, items: readonly Item[], told = Number.POSITIVE_INFINITY): CelType {
  const [first, ...rest] = items;
  if (!first) return scope.fresh();
  let joined = first.type;
  for (const { type } of rest) {
    if (joined.kind !== 'dyn') joined = scope.assignable(joined, type) ? moreGeneral(scope, joined, type) : DYN;
  }
  if (scope.mixedLists === 0) scope.verifyLater(() => verifySame(scope, items, told));
  return joined;
}

function moreGeneral(scope: CheckScope, a: CelType, b: CelType): CelType {
  const other = scope.known(b);
  return other.kind === 'dyn' || (a.kind === 'null' && other.kind !== 'null') ? other : a;
}

function verifySame(scope: CheckScope, items: readonly Item[], told: number): void {
  const [first, ...rest] = items.map(({ expr, type }) => ({ offset: expr.offset, type: scope.closed(type) }));
  const wrong = first ? rest.filter(({ type }) => !sameType(first.type, type)) : [];
  for (const { offset, type } of wrong.slice(0, told)) {
    if (first) scope.report(offset, `expected type '${typeText(first.type)}' but found '${typeText(type)}'`);
  }
}

/** The type of a list that is written out. */
export function checkList(scope: CheckScope, expr: ListNode): CelType {
  const items = expr.elements.map(({ value, optional }) => ({ expr: value, type: checkOptional(scope, value, optional) }));
  return listOf(joinTypes(scope, items, 1));
}

/** The type of a map that is written out. */
export function checkMap(scope: CheckScope, expr: MapNode): CelType {
  const keys: Item[] = [];
  const values: Item[] = [];
  for (const { key, value, optional } of expr.entries) {
    keys.push({ expr: key, type: scope.check(key) });
    values.push({ expr: value, type: checkOptional(scope, value, optional) });
  }
  return mapOf(joinTypes(scope, keys), joinTypes(scope, values));
}

/** The type of an object that is constructed. */
export function checkStruct(scope: CheckScope, expr: StructNode): CelType {
  const type = scope.declarations.type(expr.type.replace(/^\./, ''));
  if (!type) return scope.report(expr.offset, `undeclared reference to '${expr.type}' (in container '')`);
  if (type.kind !== 'object') return scope.report(expr.offset, `'${typeText(type)}' is not a message type`);
  for (const field of expr.fields) checkField(scope, type, field);
  return type;
}

function checkField(scope: CheckScope, type: CelObjectType, field: StructField): void {
  const value = checkOptional(scope, field.value, field.optional);
  const declared = type.field(field.name)?.type;
  if (!declared) scope.report(field.offset, `undefined field '${field.name}'`);
  else if (!scope.assignable(declared, value)) {
    const wanted = scope.text(declared);
    scope.report(field.offset, `expected type of field '${field.name}' is '${wanted}' but provided type is '${scope.text(value)}'`);
  }
}
