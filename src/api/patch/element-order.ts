// The order of a merged list: the items of $setElementOrder (without it: of the patch) stand in that order; items only the server
// has keep their places among them as far as the original order says.

import { goText } from '../codec/go-text.ts';
import { deepEqual, isObject } from '../copy.ts';
import { badRequest } from '../status-error.ts';

/** A merged list and what decides on its order. */
export interface OrderInput {
  readonly merged: readonly unknown[];
  readonly original: readonly unknown[];
  /** The items of the patch, without deletions. */
  readonly patch: readonly unknown[];
  /** The directive: values, or objects that hold the merge key. */
  readonly order: readonly unknown[];
  /** The merge key; undefined for lists of scalars. */
  readonly key: string | undefined;
}

/** The merged list in its order. @throws StatusError BadRequest if the patch and the directive disagree */
export function mergedOrder({ merged, original, patch, order, key }: OrderInput): unknown[] {
  const identity = (item: unknown): unknown => (key !== undefined && isObject(item) ? item[key] : item);
  const indexIn = (list: readonly unknown[], item: unknown): number =>
    list.findIndex((other) => deepEqual(identity(other), identity(item)));
  checkOrder(
    patch.map((item) => indexIn(order, item)),
    { patch, order },
  );
  const named = merged.filter((item) => indexIn(order, item) >= 0).sort((a, b) => indexIn(order, a) - indexIn(order, b));
  const others = merged.filter((item) => indexIn(order, item) < 0);
  const out: unknown[] = [];
  while (named.length > 0 && others.length > 0) {
    const left = indexIn(original, named[0]);
    const right = indexIn(original, others[0]);
    out.push(left >= 0 && right >= 0 && right < left ? others.shift() : named.shift());
  }
  return [...out, ...named, ...others];
}

/** The items of the patch must stand in the directive, in its order. */
function checkOrder(indexes: readonly number[], { patch, order }: Pick<OrderInput, 'patch' | 'order'>): void {
  let last = -1;
  for (const index of indexes) {
    if (index < last || index < 0) {
      throw badRequest(`The order in patch list:\n${goText(patch)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`);
    }
    last = index;
  }
}
