// OpenAPI v2 as protobuf (`application/com.github.proto-openapi.spec.v2@v1.0+protobuf`): what client-go asks /openapi/v2 for.
// The messages are those of gnostic's openapi.v2 package; field numbers stand beside the keys they carry.

import { BYTES, FIXED64, newWriter, type ProtoWriter, VARINT, writeTag } from '../../base/protobuf-wire.ts';
import { isObject } from '../copy.ts';
import type { JsonObject } from './definitions.ts';

/** How a key of a JSON object is written: the number of its field, and the function that writes the value. */
type Keys = Readonly<Record<string, readonly [number, (writer: ProtoWriter, number: number, value: unknown) => void]>>;

function text(writer: ProtoWriter, number: number, value: unknown): void {
  writeTag(writer, number, BYTES).string(String(value));
}

function texts(writer: ProtoWriter, number: number, value: unknown): void {
  for (const item of Array.isArray(value) ? value : [value]) text(writer, number, item);
}

function flag(writer: ProtoWriter, number: number, value: unknown): void {
  if (value === true) writeTag(writer, number, VARINT).bool(true);
}

function double(writer: ProtoWriter, number: number, value: unknown): void {
  writeTag(writer, number, FIXED64).double(Number(value));
}

function integer(writer: ProtoWriter, number: number, value: unknown): void {
  writeTag(writer, number, VARINT).int64(Number(value));
}

/** A sub-message whose content `fill` writes. */
function nested(writer: ProtoWriter, number: number, fill: () => void): void {
  writeTag(writer, number, BYTES).fork();
  fill();
  writer.ldelim();
}

/** Any value, as YAML (JSON is YAML). */
function anyValue(writer: ProtoWriter, number: number, value: unknown): void {
  nested(writer, number, () => text(writer, 2, `${JSON.stringify(value)}\n`));
}

/** Writes an object's keys; `x-` keys go to the vendor extensions in field `extensions`. */
function keyed(writer: ProtoWriter, object: unknown, { keys, extensions }: { keys: Keys; extensions: number }): void {
  if (!isObject(object)) return;
  for (const [key, value] of Object.entries(object)) {
    const field = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (field) field[1](writer, field[0], value);
    else if (key.startsWith('x-')) {
      nested(writer, extensions, () => {
        text(writer, 1, key);
        anyValue(writer, 2, value);
      });
    }
  }
}

/** A message for each entry of an object: its name, and its value. */
function named(
  write: (writer: ProtoWriter, number: number, value: unknown) => void,
): (writer: ProtoWriter, number: number, value: unknown) => void {
  return (writer, number, value) => {
    if (!isObject(value)) return;
    for (const [name, item] of Object.entries(value)) {
      nested(writer, number, () => {
        text(writer, 1, name);
        write(writer, 2, item);
      });
    }
  };
}

function schema(writer: ProtoWriter, number: number, value: unknown): void {
  nested(writer, number, () => keyed(writer, value, { keys: SCHEMA, extensions: 31 }));
}

function schemas(writer: ProtoWriter, number: number, value: unknown): void {
  for (const item of Array.isArray(value) ? value : [value]) schema(writer, number, item);
}

/** A message around what `write` writes as its field 1. */
function inside(
  write: (writer: ProtoWriter, number: number, value: unknown) => void,
): (writer: ProtoWriter, number: number, value: unknown) => void {
  return (writer, number, value) => nested(writer, number, () => write(writer, 1, value));
}

function schemaOrBoolean(writer: ProtoWriter, number: number, value: unknown): void {
  nested(writer, number, () => {
    if (typeof value === 'boolean') writeTag(writer, 2, VARINT).bool(value);
    else schema(writer, 1, value);
  });
}

function anyValues(writer: ProtoWriter, number: number, value: unknown): void {
  for (const item of Array.isArray(value) ? value : []) anyValue(writer, number, item);
}

const SCHEMA: Keys = {
  $ref: [1, text],
  format: [2, text],
  title: [3, text],
  description: [4, text],
  default: [5, anyValue],
  multipleOf: [6, double],
  maximum: [7, double],
  exclusiveMaximum: [8, flag],
  minimum: [9, double],
  exclusiveMinimum: [10, flag],
  maxLength: [11, integer],
  minLength: [12, integer],
  pattern: [13, text],
  maxItems: [14, integer],
  minItems: [15, integer],
  uniqueItems: [16, flag],
  maxProperties: [17, integer],
  minProperties: [18, integer],
  required: [19, texts],
  enum: [20, anyValues],
  additionalProperties: [21, schemaOrBoolean],
  type: [22, inside(texts)],
  items: [23, inside(schemas)],
  properties: [25, inside(named(schema))],
};

const BODY_PARAMETER: Keys = { description: [1, text], name: [2, text], in: [3, text], required: [4, flag], schema: [5, schema] };
const QUERY_PARAMETER: Keys = {
  required: [1, flag],
  in: [2, text],
  description: [3, text],
  name: [4, text],
  type: [6, text],
  uniqueItems: [20, flag],
};
const PATH_PARAMETER: Keys = {
  required: [1, flag],
  in: [2, text],
  description: [3, text],
  name: [4, text],
  type: [5, text],
  uniqueItems: [19, flag],
};

/** ParametersItem → Parameter → BodyParameter, or NonBodyParameter → the parameter of its place. */
function parameters(writer: ProtoWriter, number: number, value: unknown): void {
  for (const item of Array.isArray(value) ? value : []) {
    nested(writer, number, () => nested(writer, 1, () => parameter(writer, item)));
  }
}

function parameter(writer: ProtoWriter, value: JsonObject): void {
  if (value['in'] === 'body') nested(writer, 1, () => keyed(writer, value, { keys: BODY_PARAMETER, extensions: 6 }));
  else if (value['in'] === 'path') {
    nested(writer, 2, () => nested(writer, 4, () => keyed(writer, value, { keys: PATH_PARAMETER, extensions: 22 })));
  } else nested(writer, 2, () => nested(writer, 3, () => keyed(writer, value, { keys: QUERY_PARAMETER, extensions: 23 })));
}

const RESPONSE: Keys = { description: [1, text], schema: [2, inside(schema)] };

/** ResponseValue → Response. */
function response(writer: ProtoWriter, number: number, value: unknown): void {
  nested(writer, number, () => nested(writer, 1, () => keyed(writer, value, { keys: RESPONSE, extensions: 5 })));
}

const OPERATION: Keys = {
  tags: [1, texts],
  description: [3, text],
  operationId: [5, text],
  produces: [6, texts],
  consumes: [7, texts],
  parameters: [8, parameters],
  responses: [9, inside(named(response))],
  schemes: [10, texts],
};

function operation(writer: ProtoWriter, number: number, value: unknown): void {
  nested(writer, number, () => keyed(writer, value, { keys: OPERATION, extensions: 13 }));
}

const PATH_ITEM: Keys = {
  get: [2, operation],
  put: [3, operation],
  post: [4, operation],
  delete: [5, operation],
  options: [6, operation],
  head: [7, operation],
  patch: [8, operation],
  parameters: [9, parameters],
};

function pathItem(writer: ProtoWriter, number: number, value: unknown): void {
  nested(writer, number, () => keyed(writer, value, { keys: PATH_ITEM, extensions: 10 }));
}

const INFO: Keys = { title: [1, text], version: [2, text] };

const DOCUMENT: Keys = {
  swagger: [1, text],
  info: [2, (writer, number, value) => nested(writer, number, () => keyed(writer, value, { keys: INFO, extensions: 7 }))],
  paths: [8, (writer, number, value) => nested(writer, number, () => named(pathItem)(writer, 2, value))],
  definitions: [9, inside(named(schema))],
};

/** The bytes of a document made by `openApiV2`; its security parts, which no client reads there, are left out. */
export function openApiV2Protobuf(document: JsonObject): Uint8Array {
  const writer = newWriter();
  keyed(writer, document, { keys: DOCUMENT, extensions: 16 });
  return writer.finish();
}
