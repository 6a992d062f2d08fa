// The answer to an applier who would change what others own. Texts as upstream's.

import { StatusError } from '../status-error.ts';
import { eachPath, type Fields } from './field-set.ts';
import type { Manager } from './managed-fields.ts';
import { pathText } from './path-element.ts';

/** Fields of one other manager that an apply would change. */
export interface Conflict {
  readonly with: Manager;
  readonly fields: Fields;
}

function managerText({ manager, operation, apiVersion, subresource }: Manager): string {
  const name = JSON.stringify(manager) + (subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`);
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

/** 409 with a cause for each field. */
export function applyConflict(conflicts: readonly Conflict[]): StatusError {
  const found: { manager: string; path: string }[] = [];
  for (const { with: other, fields } of conflicts) {
    eachPath(fields, (path) => found.push({ manager: managerText(other), path: pathText(path) }));
  }
  const causes = found.map(({ manager, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field: path }));
  return new StatusError(409, 'Conflict', `Apply failed with ${conflictText(found)}`, { causes });
}

function conflictText(found: readonly { manager: string; path: string }[]): string {
  const [only] = found;
  if (only && found.length === 1) return `1 conflict: conflict with ${only.manager}: ${only.path}`;
  const managers = [...new Set(found.map(({ manager }) => manager))].sort();
  const parts = managers.map((manager) => {
    const paths = found.filter((one) => one.manager === manager).map(({ path }) => `- ${path}`);
    return `conflicts with ${manager}:\n${paths.join('\n')}`;
  });
  return `${found.length} conflicts: ${parts.join('\n')}`;
}
