// Field management of objects whose managers write through several versions: what somebody owns is compared in the version it was written
// through, to which the object is converted (KEP-555, "API versions"). Managers of one version only never come here.

import type { ApplyType } from './apply-type.ts';
import {
  type Applied,
  appliedOwners,
  type FieldWrite,
  type Merging,
  mergedConfiguration,
  type OtherForm,
  ownersAfterUpdate,
  withDangling,
  withOwned,
  withoutSet,
} from './field-owners.ts';
import { difference, type Fields, union } from './field-set.ts';
import type { Manager } from './managed-fields.ts';

/** A version of the resource. */
export interface VersionForm extends Pick<FieldWrite, 'type' | 'reset'> {
  /** The object as it is in this version, from that version. Does not change it. @throws StatusError */
  convert(object: unknown, from: string): Promise<unknown>;
}

/** A write, and the versions of what it writes by apiVersion; undefined = there is none of that name (any more). */
export interface VersionedWrite extends FieldWrite {
  form(apiVersion: string): VersionForm | undefined;
}

/** Whether some manager writes through another version than `apiVersion`. */
export function hasOtherVersions(managers: readonly Manager[], apiVersion: string): boolean {
  return managers.some((manager) => manager.apiVersion !== apiVersion);
}

/** `ownersAfterUpdate` over versions. Managers of versions that are gone are dropped. @throws StatusError */
export async function versionedOwnersAfterUpdate(
  managers: readonly Manager[],
  objects: { live: unknown; now: unknown },
  write: VersionedWrite,
): Promise<readonly Manager[]> {
  const known = knownManagers(managers, write);
  return ownersAfterUpdate(known, { ...objects, others: await otherForms(known, objects, write) }, write);
}

/**
 * `applyConfiguration` over versions. Managers of versions that are gone are dropped, as upstream does for its own kinds; of custom
 * resources upstream refuses the apply instead, which is a fault of its conversions (kubernetes/kubernetes#111937). @throws StatusError
 */
export async function applyVersionedConfiguration(
  managers: readonly Manager[],
  objects: { live: unknown; config: unknown },
  write: VersionedWrite,
): Promise<Applied> {
  const merging = mergedConfiguration(knownManagers(managers, write), objects, write);
  const written = { live: objects.live, now: await pruned(merging, write) };
  return appliedOwners(merging, { ...written, others: await otherForms(merging.others, written, write) }, write);
}

/** Those whose version is there; the same array when all are. */
function knownManagers(managers: readonly Manager[], write: VersionedWrite): readonly Manager[] {
  const known = managers.filter(({ apiVersion }) => apiVersion === write.by.apiVersion || write.form(apiVersion));
  return known.length === managers.length ? managers : known;
}

async function otherForms(
  managers: readonly Manager[],
  objects: { live: unknown; now: unknown },
  write: VersionedWrite,
): Promise<Map<string, OtherForm>> {
  const own = write.by.apiVersion;
  const forms = new Map<string, OtherForm>();
  for (const { apiVersion } of managers) {
    const form = apiVersion === own || forms.has(apiVersion) ? undefined : write.form(apiVersion);
    if (!form) continue;
    const [live, now] = [await form.convert(objects.live, own), await form.convert(objects.now, own)];
    forms.set(apiVersion, { type: form.type, reset: form.reset, live, now });
  }
  return forms;
}

/** The merged object without what the applier had and nobody owns any more: in the version the applier had it in. @throws StatusError */
async function pruned({ merged, before, fields, others }: Merging, write: VersionedWrite): Promise<unknown> {
  const own = write.by.apiVersion;
  if (!before) return merged;
  const last = before.apiVersion;
  const owned = ownedByVersion(others, { apiVersion: own, fields });
  // Owned in the same terms: nothing is abandoned, and nothing needs to be converted.
  if (!difference(before.fields, owned.get(last))) return merged;
  const whole = await converted(merged, own, { to: last, write });
  const type = typeOf(last, write);
  let kept = withOwned(whole, { pruned: withoutSet(whole, before.fields, type), owned: owned.get(last) }, type);
  for (const [version, set] of owned) {
    if (version === last) continue;
    const form = typeOf(version, write);
    const there = {
      whole: await converted(whole, last, { to: version, write }),
      kept: await converted(kept, last, { to: version, write }),
    };
    kept = await converted(withOwned(there.whole, { pruned: there.kept, owned: set }, form), version, { to: last, write });
  }
  return await converted(withDangling(whole, { kept, last: before.fields }, type), last, { to: own, write });
}

/** What the managers own, and what the configuration says in its own version. */
function ownedByVersion(managers: readonly Manager[], config: { apiVersion: string; fields: Fields }): Map<string, Fields> {
  const owned = new Map<string, Fields>([[config.apiVersion, config.fields]]);
  for (const { apiVersion, fields } of managers) owned.set(apiVersion, union(owned.get(apiVersion), fields));
  return owned;
}

function typeOf(apiVersion: string, write: VersionedWrite): ApplyType {
  return write.form(apiVersion)?.type ?? write.type;
}

async function converted(object: unknown, from: string, way: { to: string; write: VersionedWrite }): Promise<unknown> {
  if (from === way.to) return object;
  // What has lost all its fields is null.
  return (await way.write.form(way.to)?.convert(object ?? {}, from)) ?? object;
}
