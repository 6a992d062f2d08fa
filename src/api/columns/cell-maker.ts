// What the tables of cells are made with. Pure.

import type { KubeObject } from '../object.ts';
import type { Cell, CellMaker } from './columns.ts';
import { age } from './format.ts';

/** Types a maker: the key under which it stands in its table says which kind its object is. */
export function maker<T extends KubeObject>(make: (object: T, now: number) => Cell[]): CellMaker {
  return (object, now) => make(object as T, now);
}

/** The age of an object. */
export function created(object: KubeObject, now: number): string {
  return age(object.metadata.creationTimestamp, now);
}
