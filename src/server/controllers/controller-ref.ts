// Ownership by the managing controller: which objects a controller claims by its selector, adopts (an orphan that matches)
// or releases (its own that no longer matches). Rule: Kubernetes documentation, "Owners and Dependents" and ReplicaSet.

import { type KubeObject, keyOf } from '../../api/object.ts';
import { hasReason, isNotFound, StatusError } from '../../api/status-error.ts';
import type { OwnerReference } from '../../api/types/meta-v1.gen.ts';
import type { Client, TypedResource } from '../../client/client.ts';
import type { Lister } from '../../client/informer.ts';

/** What a claim asks of a selector. */
export interface Matcher {
  matches(labels: Readonly<Record<string, string>>): boolean;
}

/** The reference with `controller: true`, if the object has one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((ref) => ref.controller === true);
}

/** The key of the object's controller among `owners`: none when that is of another kind, gone, or another object of the same name. */
export function controllerKeys(object: KubeObject, kind: string, owners: Pick<Lister<KubeObject>, 'get'>): string[] {
  const controller = controllerOf(object);
  if (controller?.kind !== kind) return [];
  const owner = owners.get(`${object.metadata.namespace}/${controller.name}`);
  return owner && owner.metadata.uid === controller.uid ? [keyOf(owner)] : [];
}

/** Whether `owner` is the managing controller of `object`. */
export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  const uid = controllerOf(object)?.uid;
  return uid !== undefined && uid === owner.metadata.uid;
}

/** The reference by which `owner` controls an object. `resource` says the kind: listed objects need not. */
export function controllerRef(owner: KubeObject, resource: Pick<TypedResource<KubeObject>, 'group' | 'version' | 'kind'>): OwnerReference {
  const { group, version, kind } = resource;
  return {
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Index of objects by the uid of their controller, for informers of what controllers own. */
export const byControllerUid = {
  controllerUid: (object: KubeObject): readonly string[] => {
    const uid = controllerOf(object)?.uid;
    return uid === undefined ? [] : [uid];
  },
};

/** What to do about the objects in an owner's namespace. Objects of other controllers and strangers are in none. */
export interface ClaimPlan<T> {
  readonly owned: readonly T[];
  readonly adopt: readonly T[];
  readonly release: readonly T[];
}

/** Sorts `objects` by what `owner` with `selector` has to do with them. An owner that is being deleted neither adopts nor releases. */
export function planClaims<T extends KubeObject>(owner: KubeObject, selector: Matcher, objects: readonly T[]): ClaimPlan<T> {
  const plan = { owned: [] as T[], adopt: [] as T[], release: [] as T[] };
  const ownerIsGoing = owner.metadata.deletionTimestamp !== undefined;
  for (const object of objects) {
    const controller = controllerOf(object);
    const matches = selector.matches(object.metadata.labels ?? {});
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (matches) plan.owned.push(object);
      else if (!ownerIsGoing) plan.release.push(object);
    } else if (matches && mayAdopt(owner, object)) plan.adopt.push(object);
  }
  return plan;
}

function mayAdopt(owner: KubeObject, object: KubeObject): boolean {
  if (owner.metadata.deletionTimestamp || object.metadata.deletionTimestamp) return false;
  return owner.metadata.namespace === undefined || owner.metadata.namespace === object.metadata.namespace;
}

/** Whose objects are claimed. */
export interface Claim<O extends KubeObject, T extends KubeObject> {
  readonly owner: O;
  readonly ownerResource: TypedResource<O>;
  readonly selector: Matcher;
  /** The resource of `objects`. */
  readonly resource: TypedResource<T>;
  /** All objects of the owner's namespace (or only candidates). */
  readonly objects: readonly T[];
}

/**
 * Adopts and releases as planned and returns the objects that are the owner's afterwards. Before the first adoption the owner
 * is read live: one that is gone or going must not adopt.
 * @throws StatusError Conflict when an object changed meanwhile or the owner is not the one the informer showed.
 */
export async function claimObjects<O extends KubeObject, T extends KubeObject>(
  client: Client,
  claim: Claim<O, T>,
  signal: AbortSignal,
): Promise<T[]> {
  const plan = planClaims(claim.owner, claim.selector, claim.objects);
  const owned = [...plan.owned];
  for (const object of plan.release) await release(client, claim, { object, signal });
  if (plan.adopt.length > 0) await demandLiveOwner(client, claim, signal);
  for (const object of plan.adopt) {
    const adopted = await adopt(client, claim, { object, signal });
    if (adopted) owned.push(adopted);
  }
  return owned;
}

type AnyClaim<T extends KubeObject> = Pick<Claim<KubeObject, T>, 'owner' | 'ownerResource' | 'resource'>;

async function demandLiveOwner(client: Client, claim: AnyClaim<KubeObject>, signal: AbortSignal): Promise<void> {
  const { owner, ownerResource } = claim;
  const { namespace = '', name = '', uid } = owner.metadata;
  const live = await client.get(ownerResource, { namespace, name }, { signal });
  const why = live.metadata.uid !== uid ? 'is another object' : live.metadata.deletionTimestamp ? 'is being deleted' : undefined;
  if (why) throw new StatusError(409, 'Conflict', `${ownerResource.kind} ${namespace}/${name} ${why} and cannot adopt`);
}

async function adopt<T extends KubeObject>(
  client: Client,
  claim: AnyClaim<T>,
  { object, signal }: { object: T; signal: AbortSignal },
): Promise<T | undefined> {
  const references = [...(object.metadata.ownerReferences ?? []), controllerRef(claim.owner, claim.ownerResource)];
  return await setOwners(client, claim.resource, { object, references, signal });
}

async function release<T extends KubeObject>(
  client: Client,
  claim: AnyClaim<T>,
  { object, signal }: { object: T; signal: AbortSignal },
): Promise<void> {
  const references = object.metadata.ownerReferences?.filter((ref) => ref.uid !== claim.owner.metadata.uid) ?? [];
  await setOwners(client, claim.resource, { object, references, signal });
}

/** Sets the owners of exactly the version of the object that was looked at. `undefined` when the object is gone. */
async function setOwners<T extends KubeObject>(
  client: Client,
  resource: TypedResource<T>,
  { object, references, signal }: { object: T; references: readonly OwnerReference[]; signal: AbortSignal },
): Promise<T | undefined> {
  const { namespace = '', name = '', uid, resourceVersion } = object.metadata;
  const body = { metadata: { uid, resourceVersion, ownerReferences: references.length > 0 ? references : null } };
  try {
    return await client.patch(resource, { namespace, name }, { type: 'merge', body }, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    // Upstream also lets go when the API refuses the object as invalid: it can only be one that is going.
    if (hasReason(error, 'Invalid') && object.metadata.deletionTimestamp) return undefined;
    throw error;
  }
}
