// OpenAPI v2 of several servers as one document: paths of others are added, with the definitions they refer to. Pure.

import { isObject } from '../copy.ts';
import type { JsonObject } from './definitions.ts';

const DEFINITION = '#/definitions/';
const PARAMETER = '#/parameters/';
const RESPONSE = '#/responses/';
/** What a document says of itself and is needed to understand its part alone. */
const HEAD = ['info', 'consumes', 'produces', 'securityDefinitions'];
/** Says which kinds a definition is of; two servers may differ in it and mean the same. */
const KINDS = 'x-kubernetes-group-version-kind';

/** The part of a document that is about the paths under `prefix`: shared parameters and answers are put in place, definitions are those referred to. */
export function partOfOpenApiV2(document: JsonObject, prefix: string): JsonObject {
  const parameters = objectOf(document['parameters']);
  const responses = objectOf(document['responses']);
  const inline = (value: unknown): unknown => {
    const parameter = referenceOf(value, PARAMETER);
    if (parameter !== undefined) return parameters[parameter];
    const response = referenceOf(value, RESPONSE);
    return response === undefined ? value : responses[response];
  };
  const paths: JsonObject = {};
  for (const [path, item] of Object.entries(objectOf(document['paths']))) {
    if (path === prefix || path.startsWith(`${prefix}/`)) paths[path] = replaced(item, inline);
  }
  const all = objectOf(document['definitions']);
  const definitions: JsonObject = {};
  const take = (value: unknown): void => {
    for (const name of references(value)) {
      const definition = all[name];
      if (definition === undefined || name in definitions) continue;
      definitions[name] = definition;
      take(definition);
    }
  };
  take(paths);
  const head = HEAD.filter((key) => document[key] !== undefined).map((key) => [key, document[key]]);
  return { ...Object.fromEntries(head), paths, definitions };
}

/** `own` with the paths and definitions of the others. A definition of the same name and another content gets a number. */
export function mergedOpenApiV2(own: JsonObject, others: readonly JsonObject[]): JsonObject {
  if (others.length === 0) return own;
  const paths = { ...objectOf(own['paths']) };
  const definitions = { ...objectOf(own['definitions']) };
  for (const other of others) {
    const names = placeDefinitions(definitions, objectOf(other['definitions']));
    const rename = renamer(names);
    for (const [name, definition] of Object.entries(objectOf(other['definitions']))) {
      definitions[names.get(name) ?? name] ??= replaced(definition, rename);
    }
    for (const [path, item] of Object.entries(objectOf(other['paths']))) paths[path] ??= replaced(item, rename);
  }
  return { ...own, paths, definitions };
}

/** The new names of those definitions that stand for something else already. */
function placeDefinitions(known: JsonObject, added: JsonObject): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [name, definition] of Object.entries(added)) {
    if (known[name] === undefined || isSame(known[name], definition)) continue;
    let next = 2;
    while (known[`${name}_v${next}`] !== undefined && !isSame(known[`${name}_v${next}`], definition)) next++;
    names.set(name, `${name}_v${next}`);
  }
  return names;
}

function renamer(names: ReadonlyMap<string, string>): (value: unknown) => unknown {
  return (value) => {
    const name = referenceOf(value, DEFINITION);
    const other = name === undefined ? undefined : names.get(name);
    return other === undefined ? value : { ...objectOf(value), $ref: DEFINITION + other };
  };
}

const objectOf = (value: unknown): JsonObject => (isObject(value) ? value : {});

/** The name an object refers to with its `$ref`. */
function referenceOf(value: unknown, prefix: string): string | undefined {
  const reference = isObject(value) ? value['$ref'] : undefined;
  return typeof reference === 'string' && reference.startsWith(prefix) ? reference.slice(prefix.length) : undefined;
}

/** The names of all definitions a value refers to. */
function* references(value: unknown): Generator<string> {
  const name = referenceOf(value, DEFINITION);
  if (name !== undefined) yield name;
  if (Array.isArray(value) || isObject(value)) for (const item of Object.values(value)) yield* references(item);
}

/** A copy in which `replace` was asked about every object. */
function replaced(value: unknown, replace: (value: unknown) => unknown): unknown {
  const next = replace(value);
  if (Array.isArray(next)) return next.map((item) => replaced(item, replace));
  if (!isObject(next)) return next;
  return Object.fromEntries(Object.entries(next).map(([key, item]) => [key, replaced(item, replace)]));
}

const unnumbered = (text: string): string => (text.startsWith(DEFINITION) ? text.replace(/_v\d+$/, '') : text);

/** Whether two definitions say the same, whatever the order of their keys and the numbers that names have got here. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' && typeof b === 'string') return unnumbered(a) === unnumbered(b);
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = (object: JsonObject): string[] => Object.keys(object).filter((key) => key !== KINDS && key !== 'description');
  return keys(a).length === keys(b).length && keys(a).every((key) => isSame(a[key], b[key]));
}
