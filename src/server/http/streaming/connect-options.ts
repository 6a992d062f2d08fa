// The query of a connection as an object of its sub-resource's kind (PodExecOptions …), which is what admission sees of it, and back.

import type { KubeObject } from '../../../api/object.ts';
import { isTrue } from '../../../api/query-flag.ts';
import { type GroupVersionKind, groupVersionString } from '../../../api/resources.ts';
import { builtinSchema, type Field } from '../../../api/schema/schema.ts';

/** The part of a proxied URL beyond the sub-resource, which options of a proxy carry. */
const PATH = 'path';

/** The options that a query makes; `rest` is the path beyond the sub-resource. */
export function connectOptions(kind: GroupVersionKind, query: URLSearchParams, rest: string): KubeObject {
  const said = fieldsOf(kind).flatMap((field): [string, unknown][] => {
    if (field.name === PATH) return rest === '' ? [] : [[PATH, rest]];
    return query.has(field.name) ? [[field.name, fieldValue(field, query)]] : [];
  });
  // Options have no metadata.
  return { kind: kind.kind, apiVersion: groupVersionString(kind), ...Object.fromEntries(said) } as KubeObject;
}

/** Makes the query say what the options say. The path stays: it is where the request was authorized for. */
export function setConnectOptions(query: URLSearchParams, kind: GroupVersionKind, options: object): void {
  const values = new Map(Object.entries(options));
  for (const { name } of fieldsOf(kind)) {
    if (name === PATH) continue;
    query.delete(name);
    const value: unknown = values.get(name);
    for (const item of Array.isArray(value) ? value : [value]) if (item !== undefined) query.append(name, String(item));
  }
}

function fieldsOf(kind: GroupVersionKind): readonly Field[] {
  return builtinSchema().connectKind(kind)?.fields ?? [];
}

function fieldValue({ name, type, cardinality }: Field, query: URLSearchParams): unknown {
  const one = (text: string): unknown => (type === 'bool' ? isTrue(text) : type.startsWith('int') ? Number(text) : text);
  return cardinality === 'list' ? query.getAll(name).map(one) : one(query.get(name) ?? '');
}
