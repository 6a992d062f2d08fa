// Roles and bindings in memory, bindings by whom they name: what the RBAC authorizer looks up for each request.

import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding, Subject } from '../../api/types/rbac-v1.gen.ts';
import type { UserInfo } from '../../client/api-backend.ts';

/** The kinds of the group rbac.authorization.k8s.io. */
export interface RbacObjects {
  readonly Role: Role;
  readonly ClusterRole: ClusterRole;
  readonly RoleBinding: RoleBinding;
  readonly ClusterRoleBinding: ClusterRoleBinding;
}

type Binding = RoleBinding | ClusterRoleBinding;

/** A binding that applies to a user, and the subject by which it does. */
export interface AppliedBinding {
  readonly binding: Binding;
  readonly subject: Subject;
}

/** Keeps itself in step with what it is told; size follows the objects. */
export class RbacIndex {
  readonly #roles = new Map<string, Role | ClusterRole>();
  readonly #bindings = new Map<string, Binding>();
  /** Scope (`''` or a namespace) and subject → bindings by key. */
  readonly #bySubject = new Map<string, Map<string, AppliedBinding>>();

  /** Takes a new state of an object. */
  set<Kind extends keyof RbacObjects>(kind: Kind, object: RbacObjects[Kind]): void {
    const { namespace = '', name = '' } = object.metadata;
    if ('roleRef' in object) {
      this.delete(kind, { namespace, name });
      this.#bindings.set(placeOf(kind, namespace, name), object);
      this.#link(object);
    } else this.#roles.set(placeOf(kind, namespace, name), object);
  }

  /** Takes that an object is gone. */
  delete(kind: keyof RbacObjects, { namespace = '', name }: { namespace?: string; name: string }): void {
    const place = placeOf(kind, namespace, name);
    this.#roles.delete(place);
    const binding = this.#bindings.get(place);
    if (!binding) return;
    this.#bindings.delete(place);
    for (const subject of binding.subjects ?? []) {
      const key = scopedSubject(namespace, subject, namespace);
      const applied = this.#bySubject.get(key);
      applied?.delete(name);
      if (applied?.size === 0) this.#bySubject.delete(key);
    }
  }

  /** The role a binding refers to. */
  roleOf({ roleRef, metadata }: Binding): Role | ClusterRole | undefined {
    return this.#roles.get(placeOf(roleRef.kind, roleRef.kind === 'Role' ? (metadata.namespace ?? '') : '', roleRef.name));
  }

  /** All cluster roles, in no particular order. */
  *clusterRoles(): Generator<ClusterRole> {
    for (const [place, role] of this.#roles) if (place.startsWith('ClusterRole ')) yield role;
  }

  /** The bindings of one scope, `''` for cluster role bindings, that name the user or one of its groups. */
  *bindingsFor(user: Pick<UserInfo, 'name' | 'groups'>, scope: string): Generator<AppliedBinding> {
    for (const who of [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)]) {
      const found = this.#bySubject.get(`${scope} ${who}`);
      if (found) yield* found.values();
    }
  }

  #link(binding: Binding): void {
    const { namespace = '', name = '' } = binding.metadata;
    for (const subject of binding.subjects ?? []) {
      const key = scopedSubject(namespace, subject, namespace);
      const applied = this.#bySubject.get(key) ?? new Map<string, AppliedBinding>();
      if (!applied.has(name)) applied.set(name, { binding, subject });
      this.#bySubject.set(key, applied);
    }
  }
}

function placeOf(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`;
}

/** A service account is the user of its name; in a role binding its namespace may be left out. */
function scopedSubject(scope: string, subject: Subject, bindingNamespace: string): string {
  if (subject.kind !== 'ServiceAccount') return `${scope} ${subject.kind} ${subject.name}`;
  return `${scope} User system:serviceaccount:${subject.namespace || bindingNamespace}:${subject.name}`;
}
