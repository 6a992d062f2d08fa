// Brings a cluster to the bootstrap policy: creates what is missing, completes what was cut, leaves alone what is annotated so.
// Run at every start, so that an upgrade's new rules arrive.

import type { KubeObject } from '../../api/object.ts';
import type { GroupVersionResource } from '../../api/resources.ts';
import { hasReason, isAlreadyExists, isNotFound } from '../../api/status-error.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../api/types/rbac-v1.gen.ts';
import type { ApiBackend, ApiCall, Verb } from '../../client/api-backend.ts';
import { LOOPBACK_USER } from './auth.ts';
import { bootstrapPolicy, reconciledBinding, reconciledRole } from './bootstrap-policy.ts';

/** What to do with an object that is there; undefined = nothing. */
type Change<T> = { readonly update?: T; readonly recreate?: T } | undefined;

/** Attempts when somebody else changes the same object. */
const ATTEMPTS = 5;

/** The post-start hook. */
export const rbacBootstrapHook = {
  name: 'rbac/bootstrap-roles',
  run: ({ backend }: { readonly backend: ApiBackend }): Promise<void> => reconcileBootstrapPolicy(backend),
};

/** Reconciles all roles, then all bindings. @throws StatusError of a write that fails for good */
async function reconcileBootstrapPolicy(backend: ApiBackend): Promise<void> {
  const policy = bootstrapPolicy();
  const roleChange = <T extends ClusterRole | Role>(wanted: T, found: T): Change<T> => {
    const update = reconciledRole(wanted, found);
    return update && { update };
  };
  // All at once: the store commits them together, which makes the first start of a device with a slow disk seconds faster.
  await Promise.all([
    ...policy.clusterRoles.map((wanted) => reconcile(backend, 'clusterroles', { wanted, change: roleChange })),
    ...policy.roles.map((wanted) => reconcile(backend, 'roles', { wanted, change: roleChange })),
  ]);
  await Promise.all([
    ...policy.clusterRoleBindings.map((wanted) => reconcile(backend, 'clusterrolebindings', bindingItem(wanted))),
    ...policy.roleBindings.map((wanted) => reconcile(backend, 'rolebindings', bindingItem(wanted))),
  ]);
}

function bindingItem<T extends ClusterRoleBinding | RoleBinding>(wanted: T): { wanted: T; change: (wanted: T, found: T) => Change<T> } {
  return { wanted, change: reconciledBinding };
}

async function reconcile<T extends KubeObject>(
  backend: ApiBackend,
  resource: string,
  item: { wanted: T; change: (wanted: T, found: T) => Change<T> },
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await reconcileOnce(backend, resource, item);
    } catch (error) {
      if (attempt >= ATTEMPTS || !(hasReason(error, 'Conflict') || isAlreadyExists(error) || isNotFound(error))) throw error;
    }
  }
}

async function reconcileOnce<T extends KubeObject>(
  backend: ApiBackend,
  resource: string,
  { wanted, change }: { wanted: T; change: (wanted: T, found: T) => Change<T> },
): Promise<void> {
  const found = await find<T>(backend, resource, wanted);
  const step = found ? change(wanted, found) : { recreate: wanted };
  if (step?.update) await backend.call(callOf('update', resource, wanted, step.update));
  if (!step?.recreate) return;
  if (found) await backend.call(callOf('delete', resource, wanted, { preconditions: { uid: found.metadata.uid } }));
  await backend.call(callOf('create', resource, wanted, step.recreate));
}

async function find<T extends KubeObject>(backend: ApiBackend, resource: string, wanted: T): Promise<T | undefined> {
  try {
    return (await backend.call(callOf('get', resource, wanted))) as unknown as T; // The resource holds objects of that kind.
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function callOf(verb: Verb, resource: string, { metadata }: KubeObject, body?: unknown): ApiCall {
  const gvr: GroupVersionResource = { group: 'rbac.authorization.k8s.io', version: 'v1', resource };
  const place = { namespace: metadata.namespace ?? '', name: verb === 'create' ? '' : (metadata.name ?? '') };
  return {
    verb,
    resource: gvr,
    subresource: '',
    ...place,
    user: LOOPBACK_USER,
    userAgent: 'kube-apiserver',
    options: {},
    ...(body !== undefined && { body }),
  };
}
