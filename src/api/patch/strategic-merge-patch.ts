// Strategic merge patch: a merge patch that knows the tables, so that lists of objects merge by key, with directives beside the data.
// Rules: the community's contributor guide, "Strategic Merge Patch".

import { goText } from '../codec/go-text.ts';
import { jsonType } from '../codec/go-types.ts';
import { deepCopy, deepEqual, isObject, setKey } from '../copy.ts';
import type { Field, Message } from '../schema/schema.ts';
import { badRequest } from '../status-error.ts';
import { mergedOrder } from './element-order.ts';

const DIRECTIVE = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM_LIST = '$deleteFromPrimitiveList/';
const SET_ELEMENT_ORDER = '$setElementOrder/';

type Values = Record<string, unknown>;

/**
 * The patched object; it may share parts with both inputs, neither of which is changed.
 * @throws StatusError BadRequest if the patch or a directive in it is malformed
 */
export function applyStrategicMergePatch(object: unknown, patch: unknown, message: Message): unknown {
  if (!isObject(patch)) throw badRequest(`json: cannot unmarshal ${jsonType(patch)} into Go value of type map[string]interface {}`);
  return mergeObject(isObject(object) ? object : {}, patch, message);
}

function mergeObject(original: Values, patch: Values, message: Message | undefined): Values {
  const directive = own(patch, DIRECTIVE);
  if (directive === 'replace') return withoutDirectives(omit(patch, DIRECTIVE));
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge')
    throw badRequest(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);
  const out = retained({ ...original }, patch);
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    const field = message?.byJsonName.get(key);
    if (value === null) delete out[key];
    else setKey(out, key, mergeValue(own(out, key), value, { field, order: orderOf(patch, key) }));
  }
  deleteFromLists(out, patch);
  reorderUntouched(out, patch, message);
  return out;
}

const own = (object: Values, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);

function omit(object: Values, ...keys: string[]): Values {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** What $retainKeys leaves of the original. The patch may set no key that it does not retain. */
function retained(original: Values, patch: Values): Values {
  const keys = own(patch, RETAIN_KEYS);
  if (keys === undefined) return original;
  if (!Array.isArray(keys) || keys.some((key) => typeof key !== 'string')) throw badRequest('invalid patch format of retainKeys');
  const strange = Object.entries(patch).some(([key, value]) => !key.startsWith('$') && value !== null && !keys.includes(key));
  if (strange) throw badRequest('invalid patch format of retainKeys');
  return Object.fromEntries(Object.entries(original).filter(([key]) => keys.includes(key)));
}

interface MergeContext {
  readonly field: Field | undefined;
  /** The $setElementOrder list of the field. */
  readonly order: readonly unknown[] | undefined;
}

function mergeValue(original: unknown, patch: unknown, { field, order }: MergeContext): unknown {
  if (Array.isArray(patch)) {
    const merges = field?.patch?.strategies.includes('merge') && Array.isArray(original);
    if (!merges) return withoutDirectives(patch);
    return mergeList(original, patch, { field, order });
  }
  if (!isObject(patch)) return patch;
  if (!isObject(original) || field?.patch?.strategies.includes('replace')) return withoutDirectives(patch);
  return mergeObject(original, patch, field?.cardinality === 'one' ? field.message : undefined);
}

function orderOf(patch: Values, key: string): readonly unknown[] | undefined {
  const order = own(patch, SET_ELEMENT_ORDER + key);
  if (order === undefined) return undefined;
  if (!Array.isArray(order)) throw badRequest('invalid patch format of setElementOrder list');
  return order;
}

function mergeList(original: readonly unknown[], patch: readonly unknown[], { field, order }: MergeContext): unknown[] {
  const key = field?.patch?.key;
  const merged = key === undefined ? mergeScalars(original, patch) : mergeItems(original, patch, { key, message: field?.message });
  const live = patch.filter((item) => !(isObject(item) && isDeletion(item)));
  return mergedOrder({ merged, original, patch: live, order: order ?? live, key });
}

function mergeScalars(original: readonly unknown[], patch: readonly unknown[]): unknown[] {
  const out = [...original];
  for (const item of patch) if (!out.some((known) => deepEqual(known, item))) out.push(item);
  return out;
}

interface ListKey {
  readonly key: string;
  readonly message: Message | undefined;
}

function mergeItems(original: readonly unknown[], patch: readonly unknown[], { key, message }: ListKey): unknown[] {
  const items = patch.map((item) => checkedItem(item, key));
  if (items.some((item) => item[DIRECTIVE] === 'replace')) {
    return items.filter((item) => item[DIRECTIVE] === undefined).map((item) => withoutDirectives(item));
  }
  const deleted = items.filter((item) => item[DIRECTIVE] === 'delete').map((item) => item[key]);
  const out = original.filter((item) => !(isObject(item) && deleted.some((value) => deepEqual(value, own(item, key)))));
  for (const item of items) {
    if (item[DIRECTIVE] === 'delete') continue;
    const at = out.findIndex((known) => isObject(known) && deepEqual(own(known, key), item[key]));
    const known = out[at];
    if (isObject(known)) out[at] = mergeObject(known, item, message);
    else out.push(withoutDirectives(item));
  }
  return out;
}

function checkedItem(item: unknown, key: string): Values {
  if (!isObject(item)) throw badRequest('expected a list of maps');
  const directive = own(item, DIRECTIVE);
  if (directive !== undefined && directive !== 'replace' && directive !== 'delete' && directive !== 'merge') {
    throw badRequest(`unknown patch type: ${goText(directive)} in map: ${goText(item)}`);
  }
  if (directive !== 'replace' && !Object.hasOwn(item, key)) {
    throw badRequest(`map: ${goText(item)} does not contain declared merge key: ${key}`);
  }
  return item;
}

function deleteFromLists(out: Values, patch: Values): void {
  for (const [name, values] of Object.entries(patch)) {
    if (!name.startsWith(DELETE_FROM_LIST)) continue;
    const key = name.slice(DELETE_FROM_LIST.length);
    const list = own(out, key);
    if (!Array.isArray(list) || !Array.isArray(values)) continue; // as upstream: a directive of another type does nothing
    const left = list.filter((item) => !values.some((value) => deepEqual(value, item)));
    setKey(out, key, left);
  }
}

/** $setElementOrder of a list that the patch does not touch otherwise. */
function reorderUntouched(out: Values, patch: Values, message: Message | undefined): void {
  for (const name of Object.keys(patch)) {
    if (!name.startsWith(SET_ELEMENT_ORDER)) continue;
    const key = name.slice(SET_ELEMENT_ORDER.length);
    const order = orderOf(patch, key);
    const list = own(out, key);
    if (Object.hasOwn(patch, key) || !Array.isArray(list) || !order) continue;
    const mergeKey = message?.byJsonName.get(key)?.patch?.key;
    setKey(out, key, mergedOrder({ merged: list, original: list, patch: [], order, key: mergeKey }));
  }
}

/** A value the original does not have: taken as it is, without directives and nulls. */
function withoutDirectives<T>(value: T): T {
  // The copy has the shape of the value, less what is no data.
  return clean(deepCopy(value)) as T;
}

function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !(isObject(item) && isDeletion(item))).map(clean);
  if (!isObject(value)) return value;
  const out: Values = {};
  for (const [key, item] of Object.entries(value)) if (item !== null && !isDirective(key)) setKey(out, key, clean(item));
  return out;
}

const isDeletion = (item: Values): boolean => item[DIRECTIVE] === 'delete';

const isDirective = (key: string): boolean =>
  key === DIRECTIVE || key === RETAIN_KEYS || key.startsWith(DELETE_FROM_LIST) || key.startsWith(SET_ELEMENT_ORDER);
