// Tables: the columns of a resource and the cells of an object, as the server gives them to `kubectl get`. Pure.
// Rules: "Receiving resources as Tables". Resources without a row in column-table.ts get Name and Created At, as upstream.

import type { KubeObject } from '../object.ts';
import type { TableColumnDefinition, TableRowCondition } from '../types/meta-v1.gen.ts';
import { APPS_CELLS } from './apps-cells.ts';
import { COLUMN_TABLE } from './column-table.ts';
import { CORE_CELLS } from './core-cells.ts';
import { NETWORK_CELLS } from './network-cells.ts';
import { OTHER_CELLS } from './other-cells.ts';
import { podConditions } from './pod-cells.ts';

/** The value of a cell. */
export type Cell = string | number | boolean;

/** Makes the cells of one kind of object, in the order of its columns. */
export type CellMaker = (object: KubeObject, now: number) => Cell[];

const MAKERS: Readonly<Record<string, CellMaker>> = { ...CORE_CELLS, ...APPS_CELLS, ...NETWORK_CELLS, ...OTHER_CELLS };
const TYPES: Readonly<Record<string, string>> = { '#': 'integer', '?': 'boolean', '@': 'date' };

function parseColumn(text: string): TableColumnDefinition {
  const match = /^(.+?)([#?@])?(?::(\w+))?(\*)?$/.exec(text.trim());
  return {
    name: match?.[1] ?? '',
    type: TYPES[match?.[2] ?? ''] ?? 'string',
    format: match?.[3] ?? '',
    description: '',
    priority: match?.[4] ? 1 : 0,
  };
}

const columnsByResource = new Map(
  COLUMN_TABLE.trim()
    .split('\n')
    .map((line): [string, TableColumnDefinition[]] => [
      line.slice(0, line.indexOf(': ')),
      line
        .slice(line.indexOf(': ') + 2)
        .split(' | ')
        .map(parseColumn),
    ]),
);

const FALLBACK_COLUMNS = ['Name:name', 'Created At@'].map(parseColumn);

/** The columns of a resource. */
export function tableColumns(resource: { group: string; resource: string }): TableColumnDefinition[] {
  return columnsByResource.get(`${resource.group}/${resource.resource}`) ?? FALLBACK_COLUMNS;
}

/** The cells of an object, one a column. `now` in milliseconds, for ages. */
export function tableCells(resource: { group: string; resource: string }, object: KubeObject, now: number): Cell[] {
  const maker = MAKERS[`${resource.group}/${resource.resource}`];
  return maker ? maker(object, now) : [object.metadata.name ?? '', object.metadata.creationTimestamp ?? ''];
}

/** Conditions of a row: pods that are done are marked, so that clients can dim them. */
export function tableRowConditions(resource: { group: string; resource: string }, object: KubeObject): TableRowCondition[] {
  return resource.group === '' && resource.resource === 'pods' ? podConditions(object) : [];
}
