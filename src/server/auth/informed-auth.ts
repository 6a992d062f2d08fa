// What authentication and authorization look up, kept in step by informers: RBAC objects, the objects tokens are bound to, and what
// the pods of a node need.

import type { KubeObject } from '../../api/object.ts';
import { nextTurn } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Change, Informer, InformerFactory } from '../../client/informer.ts';
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  ROLE_BINDINGS,
  ROLES,
  SECRETS,
  SERVICE_ACCOUNTS,
  VOLUME_ATTACHMENTS,
} from '../../client/resources.ts';
import type { NodeObjects } from './node-authorizer.ts';
import { RbacIndex, type RbacObjects } from './rbac-index.ts';
import type { TokenObjects } from './service-account-claims.ts';

const BY_NODE = 'spec.nodeName';

/** Handlers and getters over one factory's informers. */
interface Following {
  readonly nodeObjects: NodeObjects;
  readonly tokenObjects: TokenObjects;
  readonly informers: readonly Pick<Informer<KubeObject>, 'synced'>[];
  readonly unsubscribe: readonly (() => void)[];
}

/**
 * The local copies. `start` resolves when all have arrived. What it hands out may be used before and then finds nothing, since the API
 * server that feeds the informers is itself built with authenticators and authorizers.
 */
export class InformedAuth implements Component {
  readonly name = 'auth-caches';
  readonly rbac = new RbacIndex();
  readonly #informers: () => InformerFactory;
  readonly #abort = new AbortController();
  #following: Following | undefined;

  /** `informers` is asked for at start; they are those of a client that may read everything. */
  constructor(deps: { informers: () => InformerFactory }) {
    this.#informers = deps.informers;
  }

  readonly nodeObjects: NodeObjects = {
    podsOnNode: (node) => this.#following?.nodeObjects.podsOnNode(node) ?? [],
    claim: (namespace, name) => this.#following?.nodeObjects.claim(namespace, name),
    volume: (name) => this.#following?.nodeObjects.volume(name),
    volumeAttachment: (name) => this.#following?.nodeObjects.volumeAttachment(name),
  };

  readonly tokenObjects: TokenObjects = {
    serviceAccount: (namespace, name) => this.#following?.tokenObjects.serviceAccount(namespace, name),
    pod: (namespace, name) => this.#following?.tokenObjects.pod(namespace, name),
    secret: (namespace, name) => this.#following?.tokenObjects.secret(namespace, name),
    node: (name) => this.#following?.tokenObjects.node(name),
  };

  async start(): Promise<void> {
    const following = this.#follow(this.#informers());
    this.#following = following;
    await Promise.all(following.informers.map((informer) => informer.synced(this.#abort.signal)));
    // Handlers hear of what is there in the microtask after: wait for that too.
    await nextTurn();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    for (const unsubscribe of this.#following?.unsubscribe ?? []) unsubscribe();
  }

  #follow(informers: InformerFactory): Following {
    const node = nodeSources(informers);
    const token = tokenSources(informers);
    const rbac = {
      roles: informers.informer(ROLES),
      clusterRoles: informers.informer(CLUSTER_ROLES),
      roleBindings: informers.informer(ROLE_BINDINGS),
      clusterRoleBindings: informers.informer(CLUSTER_ROLE_BINDINGS),
    };
    return {
      nodeObjects: node.objects,
      tokenObjects: token.objects,
      informers: [...Object.values(rbac), ...node.informers, ...token.informers],
      unsubscribe: [
        rbac.roles.onChange((change) => this.#take('Role', change)),
        rbac.clusterRoles.onChange((change) => this.#take('ClusterRole', change)),
        rbac.roleBindings.onChange((change) => this.#take('RoleBinding', change)),
        rbac.clusterRoleBindings.onChange((change) => this.#take('ClusterRoleBinding', change)),
      ],
    };
  }

  #take<Kind extends keyof RbacObjects>(kind: Kind, { type, object }: Change<RbacObjects[Kind] & KubeObject>): void {
    const { namespace = '', name = '' } = object.metadata;
    if (type === 'deleted') this.rbac.delete(kind, { namespace, name });
    else this.rbac.set(kind, object);
  }
}

function nodeSources(informers: InformerFactory) {
  const pods = informers.informer(PODS, { indexers: { [BY_NODE]: (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []) } });
  const claims = informers.informer(PERSISTENT_VOLUME_CLAIMS);
  const volumes = informers.informer(PERSISTENT_VOLUMES);
  const attachments = informers.informer(VOLUME_ATTACHMENTS);
  const objects: NodeObjects = {
    podsOnNode: (node) => pods.lister.byIndex(BY_NODE, node),
    claim: (namespace, name) => claims.lister.get(`${namespace}/${name}`),
    volume: (name) => volumes.lister.get(name),
    volumeAttachment: (name) => attachments.lister.get(name),
  };
  return { objects, informers: [pods, claims, volumes, attachments] };
}

function tokenSources(informers: InformerFactory) {
  const accounts = informers.informer(SERVICE_ACCOUNTS);
  const pods = informers.informer(PODS);
  const secrets = informers.informer(SECRETS);
  const nodes = informers.informer(NODES);
  const objects: TokenObjects = {
    serviceAccount: (namespace, name) => accounts.lister.get(`${namespace}/${name}`),
    pod: (namespace, name) => pods.lister.get(`${namespace}/${name}`),
    secret: (namespace, name) => secrets.lister.get(`${namespace}/${name}`),
    node: (name) => nodes.lister.get(name),
  };
  return { objects, informers: [accounts, secrets, nodes] };
}
