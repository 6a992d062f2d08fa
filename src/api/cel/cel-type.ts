// How a CEL expression sees its variables: types as values, with the size limits that cost estimates need.
// Rules: CEL specification, "Values" and "Gradual Type Checking"; sizes: "Resource use by CEL functions" of the Kubernetes documentation.

/** How a list of a schema compares and grows: as a set, or as a map by those fields of its items. A plain list does neither. */
export type ListMerge = 'set' | readonly string[];

/** Kinds of types that have no parts. `any` is `dyn` where there may be any value, but no list or map to loop over. */
export type SimpleKind = 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration' | 'any' | 'dyn';

/** One field of an object type. */
export interface CelField {
  /** Its name in JSON; the name in expressions may be escaped. */
  readonly jsonName: string;
  readonly type: CelType;
}

/** An object with known fields. */
export interface CelObjectType {
  readonly kind: 'object';
  /** The type's name in messages, e.g. `selfType.spec`. */
  readonly name: string;
  /** The field of that (escaped) name, or undefined. */
  field(name: string): CelField | undefined;
}

/**
 * A type. `maxSize` bounds the length of a value in characters, bytes, items or entries; without it nothing is known.
 * `param` stands only in the declarations of functions, `!error!` only where the type check has found a fault.
 */
export type CelType =
  | { readonly kind: SimpleKind; readonly maxSize?: number }
  | { readonly kind: 'list'; readonly element: CelType; readonly maxSize?: number; readonly merge?: ListMerge }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType; readonly maxSize?: number }
  | CelObjectType
  | { readonly kind: 'optional'; readonly of: CelType }
  | { readonly kind: 'type'; readonly of: CelType }
  | { readonly kind: 'opaque'; readonly name: string }
  | { readonly kind: 'dyn'; readonly name: '!error!' }
  | { readonly kind: 'param'; readonly name: string };

const simple = (kind: SimpleKind): CelType => Object.freeze({ kind });

/** The null type. */
export const NULL = simple('null');
/** Booleans. */
export const BOOL = simple('bool');
/** Signed 64-bit integers. */
export const INT = simple('int');
/** Unsigned 64-bit integers. */
export const UINT = simple('uint');
/** Floating point numbers. */
export const DOUBLE = simple('double');
/** Strings. */
export const STRING = simple('string');
/** Byte strings. */
export const BYTES = simple('bytes');
/** Points in time. */
export const TIMESTAMP = simple('timestamp');
/** Lengths of time. */
export const DURATION = simple('duration');
/** A type that is known at run time only. */
export const DYN = simple('dyn');

/** A list of that element type; `maxSize` = most items. */
export function listOf(element: CelType, maxSize?: number): CelType {
  return maxSize === undefined ? { kind: 'list', element } : { kind: 'list', element, maxSize };
}

/** A map of those types; `maxSize` = most entries. */
export function mapOf(key: CelType, value: CelType, maxSize?: number): CelType {
  return maxSize === undefined ? { kind: 'map', key, value } : { kind: 'map', key, value, maxSize };
}

/** A type of a library or of the request, e.g. `kubernetes.Quantity`. */
export function opaque(name: string): CelType {
  return { kind: 'opaque', name };
}

/** An object type of given fields, by their names in expressions. */
export function objectOf(name: string, fields: ReadonlyMap<string, CelField>): CelObjectType {
  return { kind: 'object', name, field: (field) => fields.get(field) };
}

/** Whether what a value is shows at run time only. */
export function isDynamic(type: CelType): boolean {
  return type.kind === 'dyn' || type.kind === 'any';
}

/** The types that a type is made of: elements, keys and values, what an optional holds. Fields of objects are none. */
export function typeParts(type: CelType): readonly CelType[] {
  switch (type.kind) {
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'optional':
    case 'type':
      return [type.of];
    default:
      return [];
  }
}

/** Kinds that CEL names otherwise than messages do. */
const NAMES = new Map<CelType['kind'], string>([
  ['null', 'null_type'],
  ['timestamp', 'google.protobuf.Timestamp'],
  ['duration', 'google.protobuf.Duration'],
  ['any', 'google.protobuf.Any'],
  ['optional', 'optional_type'],
]);

/** The name that expressions have for a type, and that `type(x)` gives: its parts aside. */
export function typeName(type: CelType): string {
  return 'name' in type ? type.name : (NAMES.get(type.kind) ?? type.kind);
}

/** The type with its parts, named by `nameOf` where it has none. */
function spelled(type: CelType, nameOf: (type: CelType) => string): string {
  const parts = typeParts(type);
  return parts.length === 0 ? nameOf(type) : `${typeName(type)}(${parts.map((part) => spelled(part, nameOf)).join(', ')})`;
}

/** The type as it is declared, e.g. `map(string, null_type)`: how messages about results name it. */
export function typeDeclaration(type: CelType): string {
  return spelled(type, typeName);
}

/** The type as messages of the type check show it, e.g. `map(string, null)`: some types are short there. */
export function typeText(type: CelType): string {
  return spelled(type, (part) => ('name' in part ? part.name : part.kind));
}
