// Lists as sets. Rules: "CEL set extension library".

import { BOOL } from '../cel-type.ts';
import { CROSS_LISTS, CROSS_LISTS_TWICE } from '../cost/cost-models.ts';
import { celEquals } from '../equality.ts';
import { A, fn, listParam, type Overload } from '../overload.ts';
import type { CelList, CelValue } from '../values.ts';

const holds = (list: CelList, value: CelValue): boolean => {
  for (const item of list) if (celEquals(item, value)) return true;
  return false;
};

const contains = (list: CelList, part: CelList): boolean => {
  for (const item of part) if (!holds(list, item)) return false;
  return true;
};

const intersects = (a: CelList, b: CelList): boolean => {
  for (const item of b) if (holds(a, item)) return true;
  return false;
};

/** sets.contains, sets.equivalent, sets.intersects. */
export function setLibrary(): readonly Overload[] {
  const shape = { params: [listParam(A), listParam(A)], result: BOOL } as const;
  return [
    fn('sets.contains', { ...shape, cost: CROSS_LISTS }, contains),
    fn('sets.intersects', { ...shape, cost: CROSS_LISTS }, intersects),
    fn('sets.equivalent', { ...shape, cost: CROSS_LISTS_TWICE }, (a, b) => contains(a, b) && contains(b, a)),
  ];
}
