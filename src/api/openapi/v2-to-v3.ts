// From an OpenAPI v2 document to v3: for servers that have only the older one. Some of what v2 can say has no place here: forms are left out. Pure.
// https://swagger.io/specification/v2/, https://swagger.io/specification/v3/

import { isObject } from '../copy.ts';
import type { JsonObject } from './definitions.ts';

const DEFINITION = '#/definitions/';
const SCHEMA = '#/components/schemas/';
const METHODS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch']);
/** What a parameter of v2 says of itself; all else it says of its value. */
const PARAMETER_KEYS: ReadonlySet<string> = new Set(['name', 'in', 'description', 'required', 'allowEmptyValue', 'schema']);
/** What of v2 becomes part of contents, or nothing. */
const OPERATION_KEYS: ReadonlySet<string> = new Set(['consumes', 'produces', 'schemes', 'parameters', 'responses']);
/** Names of OAuth flows that have changed. */
const FLOWS: Readonly<Record<string, string>> = { application: 'clientCredentials', accessCode: 'authorizationCode' };

/** The document in version 3. Parameters and responses stand where they are used: `partOfOpenApiV2` puts them there. */
export function openApiV3OfV2(document: JsonObject): JsonObject {
  const { info, paths, definitions, securityDefinitions, externalDocs } = document;
  const types = { consumes: textsOf(document['consumes']), produces: textsOf(document['produces']) };
  return {
    openapi: '3.0.0',
    info: objectOf(info),
    ...(externalDocs !== undefined && { externalDocs }),
    paths: mapped(paths, (item) => pathOf(objectOf(item), types)),
    components: {
      schemas: mapped(definitions, schemaOf),
      ...(securityDefinitions !== undefined && { securitySchemes: mapped(securityDefinitions, (item) => securityOf(objectOf(item))) }),
    },
  };
}

/** Media types of bodies and answers where an operation names none. */
interface MediaTypes {
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
}

function pathOf(item: JsonObject, types: MediaTypes): JsonObject {
  const entries = Object.entries(item).map(([key, value]): [string, unknown] => {
    if (METHODS.has(key)) return [key, operationOf(objectOf(value), types)];
    return [key, key === 'parameters' ? parametersOf(value) : value];
  });
  return Object.fromEntries(entries);
}

function operationOf(operation: JsonObject, types: MediaTypes): JsonObject {
  const named = (key: 'consumes' | 'produces'): readonly string[] => (operation[key] === undefined ? types[key] : textsOf(operation[key]));
  const body = listOf(operation['parameters']).map(objectOf).find(isBody);
  const parameters = parametersOf(operation['parameters']);
  const rest = Object.entries(operation).filter(([key]) => !OPERATION_KEYS.has(key));
  return {
    ...Object.fromEntries(rest),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: bodyOf(body, named('consumes')) }),
    responses: mapped(operation['responses'], (answer) => responseOf(objectOf(answer), named('produces'))),
  };
}

const isBody = (parameter: JsonObject): boolean => parameter['in'] === 'body';

function bodyOf({ description, required, schema }: JsonObject, types: readonly string[]): JsonObject {
  return {
    ...(description !== undefined && { description }),
    content: contentOf(schema, types),
    ...(required === true && { required }),
  };
}

function responseOf({ description, schema }: JsonObject, types: readonly string[]): JsonObject {
  return { description: description ?? '', ...(schema !== undefined && { content: contentOf(schema, types) }) };
}

function contentOf(schema: unknown, types: readonly string[]): JsonObject {
  return Object.fromEntries(types.map((type) => [type, { schema: schemaOf(schema) }]));
}

function parametersOf(value: unknown): JsonObject[] {
  return listOf(value)
    .map(objectOf)
    .filter((parameter) => !isBody(parameter) && parameter['in'] !== 'formData')
    .map((parameter) => {
      const of = (isOwn: boolean): JsonObject =>
        Object.fromEntries(Object.entries(parameter).filter(([key]) => key !== 'schema' && PARAMETER_KEYS.has(key) === isOwn));
      return { ...of(true), schema: schemaOf(of(false)) };
    });
}

/** A schema: its references lead elsewhere now. What stands beside a reference is not read in v3, unless the reference is put into `allOf`. */
function schemaOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(schemaOf);
  if (!isObject(value)) return value;
  const { $ref: target, ...rest } = value;
  const others = mapped(rest, schemaOf);
  // A property may have that name, too: then it is a schema.
  if (typeof target !== 'string') return target === undefined ? others : { $ref: schemaOf(target), ...others };
  const reference = { $ref: target.startsWith(DEFINITION) ? SCHEMA + target.slice(DEFINITION.length) : target };
  return Object.keys(others).length === 0 ? reference : { ...others, allOf: [reference] };
}

function securityOf({ type, flow, authorizationUrl, tokenUrl, scopes, ...rest }: JsonObject): JsonObject {
  if (type === 'basic') return { ...rest, type: 'http', scheme: 'basic' };
  if (type !== 'oauth2' || typeof flow !== 'string') return { ...rest, type };
  const urls = { ...(authorizationUrl !== undefined && { authorizationUrl }), ...(tokenUrl !== undefined && { tokenUrl }) };
  return { ...rest, type, flows: { [FLOWS[flow] ?? flow]: { ...urls, scopes: objectOf(scopes) } } };
}

function mapped(value: unknown, map: (item: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(objectOf(value)).map(([key, item]) => [key, map(item)]));
}

const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textsOf = (value: unknown): readonly string[] => listOf(value).filter((item): item is string => typeof item === 'string');
