// Expressions that choose devices: what they see of a device, and how they compile. Rules: "Dynamic Resource Allocation", CEL expressions;
// the sizes are those that a ResourceSlice is held to.

import { type CelField, type CelType, mapOf, objectOf, opaque, typeDeclaration } from './cel-type.ts';
import { type CelProgram, compileExpression } from './compile.ts';
import { CelCompileError } from './errors.ts';
import { QUANTITY } from './opaque-types.ts';
import { expandBind } from './syntax/macros.ts';

const MAX_DRIVER_NAME = 63;
const MAX_DOMAIN = 63;
const MAX_ID = 32;
const MAX_TEXT_ATTRIBUTE = 64;
/** Attributes and capacities of one device, together. */
const MAX_ATTRIBUTES = 32;

/** Values by domain and by their names in it. */
function byQualifiedName(value: CelType): CelType {
  const names = mapOf({ kind: 'string', maxSize: MAX_ID }, value, MAX_ATTRIBUTES);
  return mapOf({ kind: 'string', maxSize: MAX_DOMAIN }, names, MAX_ATTRIBUTES);
}

function deviceType(): CelType {
  const field = (jsonName: string, type: CelType): [string, CelField] => [jsonName, { jsonName, type }];
  return objectOf(
    'kubernetes.DRADevice',
    new Map([
      field('driver', { kind: 'string', maxSize: MAX_DRIVER_NAME }),
      field('allowMultipleAllocations', { kind: 'bool', maxSize: 1 }),
      field('attributes', byQualifiedName({ kind: 'any', maxSize: MAX_TEXT_ATTRIBUTE })),
      field('capacity', byQualifiedName(opaque(QUANTITY))),
    ]),
  );
}

/** Compiles a selector: it says of the variable `device` whether it is one. @throws CelCompileError */
export function compileDeviceSelector(expression: string): CelProgram {
  const program = compileExpression(expression, { variables: new Map([['device', deviceType()]]), macros: expandBind });
  const { resultType } = program;
  if (resultType.kind === 'bool' || resultType.kind === 'any') return program;
  throw CelCompileError.ofResult(`must evaluate to bool or the unknown type, not ${typeDeclaration(resultType)}`);
}
