// Applies a patch to an object and decodes the result, so that a patch is held to the same rules as a body.

import { UnreadableObject } from '../../api/codec/errors.ts';
import { goText } from '../../api/codec/go-text.ts';
import { typeFault } from '../../api/codec/type-fault.ts';
import { isObject, sortedKeys } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ObjectType } from '../../api/object-type.ts';
import { applyJsonPatch, doesNotApply } from '../../api/patch/json-patch.ts';
import { applyMergePatch } from '../../api/patch/merge-patch.ts';
import { invalid, StatusError } from '../../api/status-error.ts';
import { invalidValue } from '../../api/validation/field-error.ts';
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

/** The patch types of a kind: those without merge keys have no strategic merge. */
export function patchTypes(type: ObjectType): readonly PatchMediaType[] {
  return type.strategicMerge ? PATCH_TYPES : PATCH_TYPES.filter((name) => name !== 'application/strategic-merge-patch+json');
}

/** The patched object as a new draft. `type` is that of the object patched. @throws StatusError */
export function patched(current: KubeObject, call: ApiCall, type: ObjectType): KubeObject {
  const result = applyPatch(current, call, type);
  if (!isObject(result)) throw doesNotApply();
  checkType(call, { current, result }, type);
  const validation = validationOf(call);
  const read = (value: unknown) => {
    try {
      return type.decode(value, { validation: validation === 'Ignore' ? validation : 'Warn' });
    } catch (error) {
      throw error instanceof UnreadableObject ? unfit(call, result, error.why) : error;
    }
  };
  const { object, warnings } = read(result);
  // What is not known is told in the order of its names: upstream's result is a map.
  const unknown = warnings.length > 1 ? read(sortedKeys(result)).warnings : warnings;
  const findings = validation === 'Ignore' ? [] : [...(call.findings ?? []), ...unknown];
  if (validation === 'Strict' && findings.length > 0) throw unfit(call, result, `strict decoding error: ${findings.join(', ')}`);
  for (const finding of findings) call.warn?.(finding);
  return object;
}

/** A patch may not make a built-in object one of another type. @throws StatusError Invalid */
function checkType(call: ApiCall, { current, result }: { current: KubeObject; result: Record<string, unknown> }, type: ObjectType): void {
  const said = (name: 'apiVersion' | 'kind'): string => {
    const text = result[name];
    return typeof text === 'string' && text !== '' ? text : (current[name] ?? '');
  };
  const [apiVersion, kind] = [said('apiVersion'), said('kind')];
  if (type.protobuf && (apiVersion !== current.apiVersion || kind !== current.kind))
    throw unfit(call, result, typeFault({ apiVersion, kind }, type.kind));
}

/** 422 for a patch whose result is no object of its kind. A strategic patch is shown itself, as Go prints maps; of the others the result is. */
function unfit({ patchType, body }: ApiCall, result: object, why: string): StatusError {
  const shown = patchType === 'application/strategic-merge-patch+json' ? goText(body) : JSON.stringify(sortedKeys(result));
  return invalid({ group: '', resource: '' }, '', [invalidValue('patch', shown, why)]);
}

function applyPatch(current: KubeObject, call: ApiCall, type: ObjectType): unknown {
  switch (call.patchType) {
    case 'application/json-patch+json':
      return applyJsonPatch(current, call.body);
    case 'application/merge-patch+json':
      return applyMergePatch(current, call.body);
    case 'application/strategic-merge-patch+json':
      if (!type.strategicMerge) throw unsupportedPatch(patchTypes(type));
      return type.strategicMerge(current, call.body);
    default:
      throw unsupportedPatch(patchTypes(type));
  }
}

/** How unknown and duplicate fields are taken. */
function validationOf(call: ApiCall): 'Strict' | 'Warn' | 'Ignore' {
  const asked = call.options.fieldValidation;
  return asked === 'Strict' || asked === 'Ignore' ? asked : 'Warn';
}
