// The columns that a CustomResourceDefinition adds to the Table of its objects.

import { KtsError } from '../../base/errors.ts';
import type { Cell } from '../columns/columns.ts';
import { age } from '../columns/format.ts';
import type { KubeObject } from '../object.ts';
import type { CustomResourceColumnDefinition } from '../types/apiextensions-v1.gen.ts';
import type { TableColumnDefinition } from '../types/meta-v1.gen.ts';
import { type JsonPath, parseJsonPath } from './json-path.ts';

/** Columns and how their cells are made. */
export interface CustomColumns {
  readonly definitions: readonly TableColumnDefinition[];
  cells(object: KubeObject, nowMs: number): (Cell | null)[];
}

const NAME: TableColumnDefinition = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description:
    'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names',
  priority: 0,
};

const AGE: CustomResourceColumnDefinition = {
  name: 'Age',
  type: 'date',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata',
  jsonPath: '.metadata.creationTimestamp',
};

/** The columns: the name first, then those of the definition, or the age where there are none. */
export function customColumns(added: readonly CustomResourceColumnDefinition[] | undefined): CustomColumns {
  const columns = (added && added.length > 0 ? added : [AGE]).flatMap((column) => {
    const path = pathOf(column);
    return path ? [{ column, path }] : [];
  });
  return {
    definitions: [NAME, ...columns.map(({ column }) => definitionOf(column))],
    cells: (object, nowMs) => [object.metadata.name ?? '', ...columns.map(({ column, path }) => cellOf(path.find(object), column, nowMs))],
  };
}

/** A column whose path cannot be read is left out. */
function pathOf({ jsonPath }: CustomResourceColumnDefinition): JsonPath | undefined {
  try {
    return parseJsonPath(jsonPath);
  } catch (error) {
    if (error instanceof KtsError) return undefined;
    throw error;
  }
}

function definitionOf({ name, type, format, description, priority, jsonPath }: CustomResourceColumnDefinition): TableColumnDefinition {
  return {
    name,
    type,
    format: format ?? '',
    description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority ?? 0,
  };
}

function cellOf(found: readonly unknown[], { type, jsonPath }: CustomResourceColumnDefinition, nowMs: number): Cell | null {
  if (found.length === 0 || found[0] === null || found[0] === undefined) return null;
  const [first] = found;
  switch (type) {
    case 'integer':
      return typeof first === 'number' ? Math.trunc(first) : null;
    case 'number':
      return typeof first === 'number' ? first : null;
    case 'boolean':
      return typeof first === 'boolean' ? first : null;
    case 'date':
      return typeof first === 'string' ? dateCell(first, nowMs) : null;
    default:
      return textOf(found, jsonPath);
  }
}

function dateCell(text: string, nowMs: number): string {
  return Number.isNaN(Date.parse(text)) ? '<invalid>' : age(text, nowMs);
}

/** Several values stand side by side; objects and lists as JSON. */
function textOf(found: readonly unknown[], jsonPath: string): string {
  const texts = found.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return /\[\s*(\*|\?|-?\d*:)|\.\.|\.\*/.test(jsonPath) && texts.length > 1 ? texts.join(',') : (texts[0] ?? '');
}
