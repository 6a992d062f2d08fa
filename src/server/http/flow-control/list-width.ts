// How many seats a request is worth: a list that reads many objects holds back as many others as it costs. Pure. KEP 1040, "Width of the request".

import { isTrue } from '../../../api/query-flag.ts';
import type { RequestInfo } from '../request-info.ts';

/** Objects that a list reads for each seat it takes. */
const OBJECTS_PER_SEAT = 100;

/** Whether a request reads a whole collection: a list, or a watch that begins with one, of more than one name. */
export function readsCollection({ isResource, verb, name }: RequestInfo, query: URLSearchParams): boolean {
  return isResource && name === '' && (verb === 'list' || (verb === 'watch' && isTrue(query.get('sendInitialEvents'))));
}

/** The seats of such a request over a collection of `stored` objects: those it looks at count, also when a selector drops them. At least 1. */
export function listSeats(query: URLSearchParams, stored: number): number {
  const limit = Number(query.get('limit'));
  const selects = Boolean(query.get('fieldSelector') || query.get('labelSelector'));
  const read = limit > 0 && !selects ? Math.min(limit, stored) : stored;
  return Math.max(1, Math.ceil(read / OBJECTS_PER_SEAT));
}
