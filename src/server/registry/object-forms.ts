// The forms of a resource's objects as admission asks for them: the versions and groups it is served under, and how each is read.

import { builtinType } from '../../api/builtin-type.ts';
import type { KubeObject } from '../../api/object.ts';
import type { ObjectType } from '../../api/object-type.ts';
import type { GroupVersionKind } from '../../api/resources.ts';
import type { ObjectForms, ResourceForm } from '../admission/admission.ts';
import type { ResourceCatalog } from './resource-catalog.ts';
import { bodyType, kindOf, type ServedResource } from './served-resource.ts';
import { convertForm, draftOf } from './stored-form.ts';

const sameKind = (a: GroupVersionKind, b: GroupVersionKind): boolean => a.kind === b.kind && a.version === b.version && a.group === b.group;

/** The forms of what `subresource` (`''`: the resource itself) of `served` exchanges. Nothing is looked up before it is asked for. */
export function objectForms(catalog: Pick<ResourceCatalog, 'all'>, served: ServedResource, subresource: string): ObjectForms {
  let others: readonly ServedResource[] | undefined;
  // What is stored in one place is one resource, whatever it is called.
  const equivalent = (): readonly ServedResource[] => {
    others ??= [...catalog.all()].filter((other) => other.prefix === served.prefix && other !== served && hasSub(other, subresource));
    return others;
  };
  return {
    get equivalents(): readonly ResourceForm[] {
      return equivalent().map((other) => ({ resource: resourceOf(other), kind: formKind(other, subresource) }));
    },
    async convert(object, kind) {
      const from = [served, ...equivalent()].find((candidate) => isKind(object, candidate));
      const to = [served, ...equivalent()].find((candidate) => sameKind(kindOf(candidate.info), kind));
      if (!from || !to || from === to) return object;
      return draftOf(await convertForm(object, from, to)); // What is converted may be shared; plugins change what they get.
    },
    read(value, kind) {
      const type = typeOf([served, ...equivalent()], kind, subresource);
      const { object } = type.decode(value, { validation: 'Ignore' });
      type.applyDefaults(object);
      return object;
    },
    applyType: (kind) => typeOf([served, ...equivalent()], kind, subresource).applyType,
  };
}

function hasSub({ info }: ServedResource, subresource: string): boolean {
  return subresource === '' || info.subresources.some((sub) => sub.name === subresource);
}

function resourceOf({ info: { group, version, resource } }: ServedResource): ResourceForm['resource'] {
  return { group, version, resource };
}

/** The kind of what the resource or its sub-resource takes. */
function formKind({ info }: ServedResource, subresource: string): GroupVersionKind {
  const sub = info.subresources.find((item) => item.name === subresource);
  return sub ? { group: sub.group, version: sub.version, kind: sub.kind } : kindOf(info);
}

function isKind(object: KubeObject, { info }: ServedResource): boolean {
  const version = info.group === '' ? info.version : `${info.group}/${info.version}`;
  return object.kind === info.kind && object.apiVersion === version;
}

function typeOf(candidates: readonly ServedResource[], kind: GroupVersionKind, subresource: string): ObjectType {
  for (const candidate of candidates) {
    const type = bodyType(candidate, subresource);
    if (sameKind(type.kind, kind)) return type;
  }
  return builtinType(kind);
}
