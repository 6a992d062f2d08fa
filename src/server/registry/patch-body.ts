// Applies a patch to an object and decodes the result, so that a patch is held to the same rules as a body.

import { decodeObject } from '../../api/codec/decode.ts';
import { cannotBeHandled } from '../../api/codec/errors.ts';
import { deepCopy, isObject } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { applyJsonPatch } from '../../api/patch/json-patch.ts';
import { applyMergePatch } from '../../api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../api/patch/strategic-merge-patch.ts';
import type { GroupVersionKind } from '../../api/resources.ts';
import type { Message } from '../../api/schema/schema.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import type { ApiCall, PatchMediaType } from '../../client/api-backend.ts';

/** 415 for a patch of another type. */
export function unsupportedPatch(types: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', message);
}

/** The patch types that are served, in upstream's order. */
export const PATCH_TYPES: readonly PatchMediaType[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** The patch types of resources without tables, which have no merge keys. */
export const UNTYPED_PATCH_TYPES = PATCH_TYPES.filter((type) => type !== 'application/strategic-merge-patch+json');

/** The patched object as a new draft. `kind` is that of the object patched. @throws StatusError */
export function patched(current: KubeObject, call: ApiCall, way: { message: Message | undefined; kind: GroupVersionKind }): KubeObject {
  const { message } = way;
  const result = applyPatch(current, call, message);
  if (!message) return draftObject(deepCopy(result));
  try {
    const { object, warnings } = decodeObject<KubeObject>(result, message, { validation: validationOf(call) });
    for (const warning of warnings) call.warn?.(warning);
    return object;
  } catch (error) {
    throw error instanceof StatusError ? error : cannotBeHandled(way.kind, error);
  }
}

function draftObject(value: unknown): KubeObject {
  if (!isObject(value)) throw badRequest('the patch makes something else of the object');
  // Custom resources have no schema here: any object with metadata.
  return value as unknown as KubeObject;
}

function applyPatch(current: KubeObject, call: ApiCall, message: Message | undefined): unknown {
  switch (call.patchType) {
    case 'application/json-patch+json':
      return applyJsonPatch(current, call.body);
    case 'application/merge-patch+json':
      return applyMergePatch(current, call.body);
    case 'application/strategic-merge-patch+json':
      if (!message) throw unsupportedPatch(UNTYPED_PATCH_TYPES);
      return applyStrategicMergePatch(current, call.body, message);
    default:
      throw unsupportedPatch(PATCH_TYPES);
  }
}

/** How unknown and duplicate fields are taken. */
function validationOf(call: ApiCall): 'Strict' | 'Warn' | 'Ignore' {
  const asked = call.options.fieldValidation;
  return asked === 'Strict' || asked === 'Ignore' ? asked : 'Warn';
}
