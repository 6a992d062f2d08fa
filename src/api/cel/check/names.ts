// How names and selections are checked. Rules: CEL specification, "Name Resolution" and "Field Selection".

import { BOOL, type CelType, DYN, STRING } from '../cel-type.ts';
import { type CallNode, dottedName, type Expr, type IdentNode, type SelectNode } from '../syntax/syntax.ts';
import type { CheckScope } from './check-scope.ts';

/** The type of a name that stands alone. */
export function checkIdent(scope: CheckScope, expr: IdentNode): CelType {
  return resolveName(scope, expr, expr.name) ?? scope.report(expr.offset, `undeclared reference to '${expr.name}' (in container '')`);
}

/** The type of a name: a local variable, a declared one, or a type as a value. Notes what it stands for. */
function resolveName(scope: CheckScope, expr: Expr, name: string): CelType | undefined {
  const local = name.startsWith('.') ? undefined : scope.locals.findLast((variable) => variable.name === name);
  if (local) return local.type;
  const plain = name.startsWith('.') ? name.slice(1) : name;
  const variable = scope.declarations.variable(plain);
  if (variable) {
    scope.uses.add(plain);
    scope.references.set(expr.id, { variable: plain });
    return variable;
  }
  const type = scope.declarations.type(plain);
  if (!type) return undefined;
  scope.references.set(expr.id, { type });
  return { kind: 'type', of: type };
}

/** The type of a selection, which may be the dotted name of a variable or type as a whole. */
export function checkSelect(scope: CheckScope, expr: SelectNode): CelType {
  const name = expr.test ? undefined : dottedName(expr);
  if (name !== undefined && !scope.isLocal(name)) {
    const whole = resolveName(scope, expr, name);
    if (whole) return whole;
  }
  const operand = scope.known(scope.check(expr.operand));
  const type = fieldType(scope, expr, { operand, field: expr.field });
  return expr.test ? BOOL : type;
}

/** The type of `operand.?field`. */
export function checkOptionalSelect(scope: CheckScope, expr: CallNode): CelType {
  const [operand, field] = expr.args;
  if (!operand || field?.kind !== 'literal' || typeof field.value !== 'string')
    return scope.report(expr.offset, 'unsupported optional field selection');
  scope.types.set(field.id, STRING);
  return optionalOf(fieldType(scope, field, { operand: scope.known(scope.check(operand)), field: field.value }));
}

const optionalOf = (type: CelType): CelType => (type.kind === 'optional' ? type : { kind: 'optional', of: type });

interface Selection {
  readonly operand: CelType;
  readonly field: string;
}

function fieldType(scope: CheckScope, at: { readonly offset: number }, { operand, field }: Selection): CelType {
  switch (operand.kind) {
    case 'dyn':
    case 'any':
      return DYN;
    case 'param':
      scope.assignable(DYN, operand);
      return DYN;
    case 'map':
      return operand.value;
    case 'optional':
      return optionalOf(fieldType(scope, at, { operand: scope.known(operand.of), field }));
    case 'object':
      return operand.field(field)?.type ?? scope.report(at.offset, `undefined field '${field}'`);
    default:
      return scope.report(at.offset, `type '${scope.text(operand)}' does not support field selection`);
  }
}
