// The name under which a write owns fields, and the checks of the options that give it.

import { MAX_MANAGER_BYTES, type ManagerName } from '../../api/apply/managed-fields.ts';
import { groupVersionString, type ResourceInfo } from '../../api/resources.ts';
import { type FieldError, invalid } from '../../api/status-error.ts';
import type { ApiCall } from '../../client/api-backend.ts';

/** The manager of clients that do not say who they are. */
const UNKNOWN = 'unknown';

/** Printable characters: letters, marks, numbers, punctuation, symbols and the space. */
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** The manager of a call: what `fieldManager` says, or the first part of the user agent. */
export function managerName(call: ApiCall, info: ResourceInfo, operation: 'Apply' | 'Update'): ManagerName {
  const manager = call.options.fieldManager || agentName(call.userAgent ?? '') || UNKNOWN;
  return { manager, operation, apiVersion: groupVersionString(info), subresource: call.subresource };
}

function agentName(userAgent: string): string {
  const name = (userAgent.split('/')[0] ?? '').replace(UNPRINTABLE, '');
  return Buffer.byteLength(name) <= MAX_MANAGER_BYTES ? name : Buffer.from(name).subarray(0, MAX_MANAGER_BYTES).toString('utf8');
}

const KINDS: Readonly<Record<string, string>> = { create: 'CreateOptions', update: 'UpdateOptions', patch: 'PatchOptions' };

/** Checks what the options of a write say about its manager. @throws StatusError Invalid */
export function checkManagerOptions(call: Pick<ApiCall, 'verb' | 'options' | 'patchType'>): void {
  const { fieldManager = '', force } = call.options;
  const errors: FieldError[] = [];
  if (call.verb === 'patch') {
    const isApply = call.patchType === 'application/apply-patch+yaml';
    if (isApply && fieldManager === '') {
      errors.push({ type: 'FieldValueRequired', field: 'fieldManager', detail: 'Required value: is required for apply patch' });
    }
    if (!isApply && force !== undefined) {
      errors.push({ type: 'FieldValueForbidden', field: 'force', detail: 'Forbidden: may not be specified for non-apply patch' });
    }
  }
  if (Buffer.byteLength(fieldManager) > MAX_MANAGER_BYTES) {
    errors.push({ type: 'FieldValueTooLong', field: 'fieldManager', detail: `Too long: may not be more than ${MAX_MANAGER_BYTES} bytes` });
  }
  errors.push(...unprintable(fieldManager));
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', resource: KINDS[call.verb] ?? 'PatchOptions' }, '', errors);
}

/** One error a character that cannot be printed; positions count bytes, as upstream's do. */
function unprintable(manager: string): FieldError[] {
  return [...manager.matchAll(UNPRINTABLE)].map(({ 0: char, index }) => {
    const code = char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
    const why = `invalid character U+${code} (at position ${Buffer.byteLength(manager.slice(0, index))})`;
    return { type: 'FieldValueInvalid', field: 'fieldManager', detail: `Invalid value: ${quoted(manager)}: ${why}` };
  });
}

/** A text in quotes, as Go shows control characters. */
const quoted = (text: string): string => JSON.stringify(text).replace(/\\u00([01][0-9a-f])/g, '\\x$1');
