// JSON Merge Patch (RFC 7386): objects merge, null removes, everything else replaces.

import { jsonType } from '../codec/go-types.ts';
import { isObject, setKey } from '../copy.ts';
import { badRequest } from '../status-error.ts';

/**
 * The patched document; it may share parts with both inputs, neither of which is changed.
 * @throws StatusError BadRequest if the patch is no object
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) {
    throw badRequest(`error decoding patch: json: cannot unmarshal ${jsonType(patch)} into Go value of type map[string]interface {}`);
  }
  return merge(document, patch);
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const out: Record<string, unknown> = {};
  if (isObject(target)) for (const [key, value] of Object.entries(target)) if (patchAt(patch, key) !== null) setKey(out, key, value);
  for (const [key, value] of Object.entries(patch)) {
    if (value !== null && value !== undefined) setKey(out, key, merge(Object.hasOwn(out, key) ? out[key] : undefined, value));
  }
  return out;
}

const patchAt = (patch: Record<string, unknown>, key: string): unknown => (Object.hasOwn(patch, key) ? patch[key] : undefined);
