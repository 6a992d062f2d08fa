// Applies a patch to an object and decodes the result, so that a patch is held to the same rules as a body.

import { decodeObject } from '../../api/codec/decode.ts';
import { deepCopy } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import { applyJsonPatch } from '../../api/patch/json-patch.ts';
import { applyMergePatch } from '../../api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../api/patch/strategic-merge-patch.ts';
import type { Message } from '../../api/schema/schema.ts';
import { StatusError } from '../../api/status-error.ts';
import type { ApiCall, PatchMediaType } from '../../client/api-backend.ts';

/** Most operations of a JSON patch, as upstream. */
const MAX_OPERATIONS = 10_000;

/** 415 in the words that tell kubectl that this server does not have server-side apply. */
export function unsupportedPatch(types: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', message);
}

/** The patch types that are served, in upstream's order. */
export const PATCH_TYPES: readonly PatchMediaType[] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];

/** The patched object as a new draft. @throws StatusError */
export function patched(current: KubeObject, call: ApiCall, message: Message | undefined): KubeObject {
  const result = applyPatch(deepCopy(current), call, message);
  const decoded = message ? decodeObject(result, message, { validation: validationOf(call) }) : { object: result, warnings: [] };
  for (const warning of decoded.warnings) call.warn?.(warning);
  // Decoding has checked it against the kind's schema.
  return decoded.object as KubeObject;
}

function applyPatch(current: KubeObject, call: ApiCall, message: Message | undefined): unknown {
  switch (call.patchType) {
    case 'application/json-patch+json':
      if (Array.isArray(call.body) && call.body.length > MAX_OPERATIONS) {
        const why = `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${call.body.length}`;
        throw new StatusError(413, 'RequestEntityTooLarge', why);
      }
      return applyJsonPatch(current, call.body);
    case 'application/merge-patch+json':
      return applyMergePatch(current, call.body);
    case 'application/strategic-merge-patch+json':
      if (!message) throw unsupportedPatch(PATCH_TYPES.slice(0, 2));
      return applyStrategicMergePatch(current, call.body, message);
    default:
      throw unsupportedPatch(PATCH_TYPES);
  }
}

/** How unknown and duplicate fields are taken. */
export function validationOf(call: ApiCall): 'Strict' | 'Warn' | 'Ignore' {
  const asked = call.options.fieldValidation;
  return asked === 'Strict' || asked === 'Ignore' ? asked : 'Warn';
}
