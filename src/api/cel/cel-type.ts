// How a CEL expression sees its variables: types as values, with the size limits that cost estimates need.
// Rules: CEL specification, "Values" and "Gradual Type Checking"; sizes: "Resource use by CEL functions" of the Kubernetes documentation.

/** How a list of a schema compares and grows: as a set, or as a map by those fields of its items. A plain list does neither. */
export type ListMerge = 'set' | readonly string[];

/** Kinds of types that have no parts. */
export type SimpleKind = 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration' | 'dyn';

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
 * `param` stands only in the declarations of functions.
 */
export type CelType =
  | { readonly kind: SimpleKind; readonly maxSize?: number }
  | { readonly kind: 'list'; readonly element: CelType; readonly maxSize?: number; readonly merge?: ListMerge }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType; readonly maxSize?: number }
  | CelObjectType
  | { readonly kind: 'optional'; readonly of: CelType }
  | { readonly kind: 'type'; readonly of: CelType }
  | { readonly kind: 'opaque'; readonly name: string }
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

/** The type as messages show it, e.g. `map(string, list(int))`. */
export function typeText(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${typeText(type.element)})`;
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case 'optional':
      return `optional_type(${typeText(type.of)})`;
    case 'type':
      return `type(${typeText(type.of)})`;
    case 'object':
    case 'opaque':
    case 'param':
      return type.name;
    default:
      return type.kind;
  }
}
