// OwnerReferencesPermissionEnforcement (not on by default): who names an owner must be allowed to delete the object, and who lets it block the
// owner's deletion to finalize the owner.

import { deepEqual } from '../../api/copy.ts';
import { groupResourceString, parseGroupVersion, type ResourceInfo } from '../../api/resources.ts';
import type { OwnerReference } from '../../api/types/meta-v1.gen.ts';
import type { Authorizer } from '../auth/auth.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { refusal } from './refusal.ts';

/** What the plugin asks. */
export interface OwnerReferenceDeps {
  readonly authorizer: Authorizer;
  /** Every resource that is served now. */
  readonly resources: () => readonly ResourceInfo[];
}

/** The plugin. */
export function ownerReferencesPermissionEnforcement(deps: OwnerReferenceDeps): AdmissionPlugin {
  return {
    name: 'OwnerReferencesPermissionEnforcement',
    validate(request) {
      const isStatusOfPod = groupResourceString(request.resource) === 'pods' && request.subresource === 'status';
      if (!request.object || isStatusOfPod || request.operation === 'DELETE') return;
      const owners = request.object.metadata?.ownerReferences ?? [];
      const before = request.oldObject?.metadata.ownerReferences ?? [];
      if (deepEqual(owners, before)) return;
      demandDelete(request, deps);
      for (const owner of owners) if (isNewlyBlocking(owner, before)) demandFinalize(request, owner, deps);
    },
  };
}

function isNewlyBlocking(owner: OwnerReference, before: readonly OwnerReference[]): boolean {
  return owner.blockOwnerDeletion === true && !before.some(({ uid, blockOwnerDeletion }) => uid === owner.uid && blockOwnerDeletion);
}

function demandDelete(request: AdmissionRequest, { authorizer }: OwnerReferenceDeps): void {
  const { user, resource, subresource, namespace, name } = request;
  const answer = authorizer.authorize({ user, verb: 'delete', resource: { ...resource, subresource, namespace, name } });
  if (answer.decision !== 'allow') {
    throw refusal(request, `cannot set an ownerRef on a resource you can't delete: ${answer.reason}, <nil>`);
  }
}

function demandFinalize(request: AdmissionRequest, { apiVersion, kind, name }: OwnerReference, deps: OwnerReferenceDeps): void {
  const { group, version } = parseGroupVersion(apiVersion) ?? { group: '', version: '' };
  const owner = deps.resources().find((each) => each.group === group && each.version === version && each.kind === kind);
  if (!owner) {
    const what = `cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}`;
    throw refusal(request, `cannot set blockOwnerDeletion in this case because ${what}`);
  }
  const namespace = owner.namespaced ? request.namespace : '';
  const resource = { group, version, resource: owner.resource, subresource: 'finalizers', namespace, name };
  const answer = deps.authorizer.authorize({ user: request.user, verb: 'update', resource });
  if (answer.decision === 'allow') return;
  const why = "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on";
  throw refusal(request, `${why}: ${answer.reason}, <nil>`);
}
