// Field management of writes: what metadata.managedFields of an object says after each, and what an apply makes of an object.

import { applyConflict } from '../../api/apply/apply-conflict.ts';
import { type Applied, applyConfiguration, type FieldWrite, ownersAfterUpdate } from '../../api/apply/field-owners.ts';
import { conflictsBeyondLastApplied, KUBECTL, lastApplied, lastAppliedText, setLastApplied } from '../../api/apply/last-applied.ts';
import { entriesOf, type Manager, sentManagers, storedManagers } from '../../api/apply/managed-fields.ts';
import { applyVersionedConfiguration, hasOtherVersions, versionedOwnersAfterUpdate } from '../../api/apply/version-owners.ts';
import { deepEqual } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ManagedFieldsEntry } from '../../api/types/meta-v1.gen.ts';
import { rfc3339 } from '../../base/clock.ts';
import type { ApiCall } from '../../client/api-backend.ts';
import { tellDuplicates } from './apply-body.ts';
import { managerName } from './field-manager-name.ts';
import { versionForm } from './field-versions.ts';
import { resetFields } from './reset-fields.ts';
import type { ServedResource } from './served-resource.ts';

/** The manager of what an object had before anybody applied to it. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/** metadata.managedFields as it is to be; undefined = none. */
export type FieldOwners = readonly ManagedFieldsEntry[] | undefined;

/** A write of an object: the call, its sub-resource, and the time. */
export interface ManagedWrite {
  readonly served: ServedResource;
  readonly call: ApiCall;
  readonly nowMs: number;
}

function fieldWrite({ served, call, nowMs }: ManagedWrite, operation: 'Apply' | 'Update'): FieldWrite {
  return {
    by: managerName(call, served.info, operation),
    time: rfc3339(nowMs),
    type: served.type.applyType,
    reset: resetFields(served, call.subresource),
  };
}

type Objects = { readonly live: unknown; readonly now: unknown };

/** The managers after an update: at once when all write through one version. */
function afterUpdate(
  managers: readonly Manager[],
  objects: Objects,
  write: ManagedWrite,
): readonly Manager[] | Promise<readonly Manager[]> {
  const field = fieldWrite(write, 'Update');
  if (!hasOtherVersions(managers, field.by.apiVersion)) return ownersAfterUpdate(managers, objects, field);
  return versionedOwnersAfterUpdate(managers, objects, { ...field, form: formsOf(write) });
}

function afterApply(
  managers: readonly Manager[],
  objects: { live: unknown; config: unknown },
  way: { write: ManagedWrite; field: FieldWrite },
): Applied | Promise<Applied> {
  const { write, field } = way;
  if (!hasOtherVersions(managers, field.by.apiVersion)) return applyConfiguration(managers, objects, field);
  return applyVersionedConfiguration(managers, objects, { ...field, form: formsOf(write) });
}

const formsOf =
  ({ served, call }: ManagedWrite) =>
  (apiVersion: string): ReturnType<typeof versionForm> =>
    versionForm(served, call.subresource, apiVersion);

/** The managers of a new object; a client may have sent some. @throws StatusError when a conversion fails */
export async function ownersOfNew(write: ManagedWrite, object: KubeObject): Promise<FieldOwners> {
  const sent = object.metadata.managedFields ?? [];
  const managers = sentManagers(sent) ?? [];
  return entriesOf(await afterUpdate(managers, { live: write.served.type.empty, now: object }, write));
}

/** The managers after an update from `current` to `draft`; the entries of `current` when nothing has changed. @throws StatusError when a conversion fails */
export async function ownersOfUpdated(write: ManagedWrite, draft: KubeObject, current: KubeObject): Promise<FieldOwners> {
  const stored = current.metadata.managedFields;
  const before = managersBefore(write.call, draft, current);
  // Who resets the managers, or never had any, gets none until the first apply.
  if (before.managers.length === 0) return undefined;
  const after = await afterUpdate(before.managers, { live: current, now: draft }, write);
  return before.asStored && after === before.managers ? stored : entriesOf(after);
}

/** The managers an update starts from: those the client sends back, or the stored ones. Sub-resources leave them alone. */
function managersBefore(call: ApiCall, draft: KubeObject, current: KubeObject): { managers: readonly Manager[]; asStored: boolean } {
  const stored = current.metadata.managedFields ?? [];
  const sent = draft.metadata.managedFields ?? [];
  if (call.subresource === '' && sent.length > 0 && !deepEqual(sent, stored)) {
    const [only] = sent;
    if (sent.length === 1 && only && Object.keys(only).length === 0) return { managers: [], asStored: false };
    const managers = sentManagers(sent) ?? [];
    if (managers.length > 0) return { managers, asStored: false };
  }
  return { managers: storedManagers(stored), asStored: true };
}

/**
 * What an apply of `config`, which is known to fit its type, makes of `current`, or of nothing: a draft with its managedFields.
 * @throws StatusError Conflict when others own what would change
 */
export async function appliedDraft(
  write: ManagedWrite,
  config: Record<string, unknown>,
  current: KubeObject | undefined,
): Promise<KubeObject> {
  const { served, call } = write;
  const field = fieldWrite(write, 'Apply');
  const live = current ?? served.type.empty;
  const managers = current ? managersOf(write, current) : [];
  const { object, managers: owners, conflicts } = await afterApply(managers, { live, config }, { write, field });
  if (conflicts.length > 0 && call.options.force !== true) {
    const isKubectl = field.by.manager === KUBECTL;
    const left = isKubectl ? conflictsBeyondLastApplied(conflicts, live, field.type) : conflicts;
    if (left.length > 0) throw applyConflict(left);
  }
  tellDuplicates(call);
  const draft = served.type.decode(object, { validation: 'Ignore' }).object;
  if (field.by.manager === KUBECTL && lastApplied(live) !== undefined) setLastApplied(draft, lastAppliedText(config));
  draft.metadata.managedFields = sameManagers(owners, managers) ? [...(live.metadata.managedFields ?? [])] : entriesOf(owners);
  return draft;
}

/** The managers of an object; what one without managers has, belongs to one of its own from its first apply on. */
function managersOf(write: ManagedWrite, current: KubeObject): readonly Manager[] {
  const managers = storedManagers(current.metadata.managedFields ?? []);
  if (managers.length > 0) return managers;
  const field = fieldWrite({ ...write, call: { ...write.call, subresource: '' } }, 'Update');
  const by = { ...field.by, manager: BEFORE_FIRST_APPLY };
  return ownersAfterUpdate([], { live: write.served.type.empty, now: current }, { ...field, by });
}

function sameManagers(a: readonly Manager[], b: readonly Manager[]): boolean {
  return a.length === b.length && a.every((manager) => b.includes(manager));
}

/** Sets managedFields of a draft, or leaves them out. */
export function setManagedFields(object: KubeObject, entries: FieldOwners): void {
  if (entries && entries.length > 0) object.metadata.managedFields = [...entries];
  else delete object.metadata.managedFields;
}
