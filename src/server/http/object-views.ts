// Other shapes of an object: Table rows as kubectl prints them, and PartialObjectMetadata.

import type { KubeObject } from '../../api/object.ts';
import type { ObjectType } from '../../api/object-type.ts';
import { badRequest } from '../../api/status-error.ts';
import type * as meta from '../../api/types/meta-v1.gen.ts';

/** The object's metadata under another kind. */
export function partialObject(object: KubeObject): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** What of the object each row carries. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** The includeObject parameter. @throws StatusError BadRequest */
export function includeObject(query: URLSearchParams): IncludeObject {
  const value = query.get('includeObject') ?? '';
  if (value === '' || value === 'Metadata') return 'Metadata';
  if (value === 'None' || value === 'Object') return value;
  const why = `Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: includeObject: ${why}`);
}

/** Renders tables of one type. */
export interface TableView {
  readonly type: ObjectType;
  readonly include: IncludeObject;
  readonly nowMs: number;
}

/** A Table of objects. `head` = with column definitions: later events of a watch leave them out. */
export function tableOf(view: TableView, objects: readonly KubeObject[], options: { metadata: meta.ListMeta; head: boolean }): meta.Table {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: options.metadata,
    columnDefinitions: options.head ? [...view.type.columns] : [],
    rows: objects.map((object) => rowOf(view, object)),
  };
}

function rowOf(view: TableView, object: KubeObject): meta.TableRow {
  const conditions = view.type.rowConditions(object);
  const row = { cells: view.type.cells(object, view.nowMs), ...(conditions.length > 0 && { conditions }) };
  // The schema says "raw" for what a row carries: any object.
  const carried = view.include === 'Object' ? object : partialObject(object);
  return (view.include === 'None' ? row : { ...row, object: carried }) as unknown as meta.TableRow;
}
