// The Node authorizer: a kubelet may do what kubelets do, and read the objects that the pods on its node need, no others.
// https://kubernetes.io/docs/reference/access-authn-authz/node/

import { parseFieldSelector } from '../../api/fields.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types/core-v1.gen.ts';
import type { PolicyRule } from '../../api/types/rbac-v1.gen.ts';
import type { VolumeAttachment } from '../../api/types/storage-v1.gen.ts';
import type { UserInfo } from '../../client/api-backend.ts';
import type { AccessAttributes, AccessDecision, Authorizer } from './auth.ts';
import { type PodReferences, podReferences, volumeSecrets } from './pod-references.ts';
import { ruleAllows } from './rbac-rules.ts';

/** What the authorizer looks up. Reads of local copies. */
export interface NodeObjects {
  /** Pods bound to the node (spec.nodeName). */
  podsOnNode(node: string): Iterable<Pod>;
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  volumeAttachment(name: string): VolumeAttachment | undefined;
}

type Resource = NonNullable<AccessAttributes['resource']>;

/** What a rule sees of a request. */
interface Ask {
  readonly node: string;
  readonly verb: string;
  readonly resource: Resource;
}

const ALLOW: AccessDecision = { decision: 'allow', reason: '' };
const none = (reason: string): AccessDecision => ({ decision: 'none', reason });
const READ_VERBS = new Set(['get', 'list', 'watch']);

/** The node a user is: undefined for everybody else. */
function nodeOf(user: UserInfo): string | undefined {
  const name = user.name.startsWith('system:node:') ? user.name.slice('system:node:'.length) : '';
  return name !== '' && user.groups.includes('system:nodes') ? name : undefined;
}

/** Decides for kubelets; for everybody else it has no opinion. */
export class NodeAuthorizer implements Authorizer {
  readonly #objects: NodeObjects;
  readonly #rules: readonly PolicyRule[];
  /** References of a pod, as long as that version of it lives. */
  readonly #references = new WeakMap<Pod, PodReferences>();

  /** `rules` is what every kubelet may do: the rules of the cluster role system:node. */
  constructor(options: { rules: readonly PolicyRule[] }, objects: NodeObjects) {
    this.#rules = options.rules;
    this.#objects = objects;
  }

  authorize(attributes: AccessAttributes): AccessDecision {
    const node = nodeOf(attributes.user);
    if (node === undefined) return none('');
    const { resource, verb } = attributes;
    if (resource) {
      const special = this.#special({ node, verb, resource });
      if (special) return special;
    }
    return this.#rules.some((rule) => ruleAllows(rule, attributes)) ? ALLOW : none('');
  }

  /** Resources for which it matters which object is asked for; undefined = the plain rules decide. */
  #special(ask: Ask): AccessDecision | undefined {
    const { resource } = ask;
    switch (`${resource.group}/${resource.resource}`) {
      case '/secrets':
        return this.#readOne(ask, () => this.#needsSecret(ask));
      case '/configmaps':
        return this.#readOne(ask, () => this.#anyPod(ask, ({ configMaps }) => configMaps.has(resource.name)));
      case '/persistentvolumeclaims':
        return this.#claim(ask);
      case '/persistentvolumes':
        return getOne(ask, () => this.#needsVolume(ask));
      case 'storage.k8s.io/volumeattachments':
        return getOne(ask, () => this.#objects.volumeAttachment(resource.name)?.spec.nodeName === ask.node);
      case 'resource.k8s.io/resourceclaims':
        return getOne(ask, () => this.#anyPod(ask, ({ resourceClaims }) => resourceClaims.has(resource.name)));
      case '/serviceaccounts':
        return this.#token(ask);
      case 'coordination.k8s.io/leases':
        return lease(ask);
      case 'storage.k8s.io/csinodes':
        return ownByName(ask, 'CSINode');
      case 'resource.k8s.io/resourceslices':
        return resourceSlice(ask);
      case '/nodes':
        return resource.subresource === '' && READ_VERBS.has(ask.verb) ? readNode(ask) : undefined;
      case '/pods':
        return resource.subresource === '' && READ_VERBS.has(ask.verb) ? this.#readPods(ask) : undefined;
      default:
        return undefined;
    }
  }

  /** get, list or watch of one named object. */
  #readOne(ask: Ask, related: () => boolean): AccessDecision {
    if (!READ_VERBS.has(ask.verb)) return none('can only read resources of this type');
    return readNamed(ask, related);
  }

  #claim(ask: Ask): AccessDecision {
    const needs = (): boolean => this.#anyPod(ask, ({ claims }) => claims.has(ask.resource.name));
    if (ask.resource.subresource === '') return getOne(ask, needs);
    const allowed = ask.resource.subresource === 'status' && ['get', 'update', 'patch'].includes(ask.verb);
    return allowed && needs() ? ALLOW : none(noRelation(ask));
  }

  #token(ask: Ask): AccessDecision | undefined {
    if (ask.resource.subresource !== 'token' || ask.verb !== 'create')
      return none('can only create tokens for individual service accounts');
    return this.#anyPod(ask, ({ serviceAccount }) => serviceAccount === ask.resource.name) ? ALLOW : none(noRelation(ask));
  }

  #readPods(ask: Ask): AccessDecision {
    const { name, namespace } = ask.resource;
    if (ask.verb !== 'get') {
      const own = selects(ask, 'spec.nodeName', ask.node);
      return own ? ALLOW : none('can only list/watch pods with spec.nodeName field selector');
    }
    for (const pod of this.#objects.podsOnNode(ask.node)) {
      if (pod.metadata.name === name && pod.metadata.namespace === namespace) return ALLOW;
    }
    return none(noRelation(ask));
  }

  #needsSecret(ask: Ask): boolean {
    const { namespace, name } = ask.resource;
    if (this.#anyPod(ask, ({ secrets }) => secrets.has(name))) return true;
    const secret = `${namespace}/${name}`;
    return this.#anyVolume(ask.node, (volume, claimNamespace) => volumeSecrets(volume, claimNamespace).has(secret));
  }

  #needsVolume(ask: Ask): boolean {
    return this.#anyVolume(ask.node, (volume) => volume.metadata.name === ask.resource.name);
  }

  /** Whether a pod of the node in the object's namespace has references that `test` accepts. */
  #anyPod(ask: Ask, test: (references: PodReferences) => boolean): boolean {
    for (const pod of this.#objects.podsOnNode(ask.node)) {
      if (pod.metadata.namespace === ask.resource.namespace && test(this.#referencesOf(pod))) return true;
    }
    return false;
  }

  /** Whether a volume bound to a claim of a pod of the node is accepted by `test`. */
  #anyVolume(node: string, test: (volume: PersistentVolume, claimNamespace: string) => boolean): boolean {
    for (const pod of this.#objects.podsOnNode(node)) {
      const namespace = pod.metadata.namespace ?? '';
      for (const claim of this.#referencesOf(pod).claims) {
        const volume = this.#objects.volume(this.#objects.claim(namespace, claim)?.spec?.volumeName ?? '');
        if (volume && test(volume, namespace)) return true;
      }
    }
    return false;
  }

  #referencesOf(pod: Pod): PodReferences {
    const known = this.#references.get(pod) ?? podReferences(pod);
    this.#references.set(pod, known);
    return known;
  }
}

function noRelation({ node }: Ask): string {
  return `no relationship found between node '${node}' and this object`;
}

function readNamed(ask: Ask, related: () => boolean): AccessDecision {
  if (ask.resource.subresource !== '') return none('cannot read subresource');
  if (ask.resource.name === '') return none('No Object name found');
  return related() ? ALLOW : none(noRelation(ask));
}

function getOne(ask: Ask, related: () => boolean): AccessDecision {
  return ask.verb === 'get' ? readNamed(ask, related) : none('can only get individual resources of this type');
}

/** Whether the request's field selector demands that value of that field. */
function selects({ resource }: Ask, field: string, value: string): boolean {
  if (!resource.fieldSelector) return false;
  const { requirements } = parseFieldSelector(resource.fieldSelector);
  return requirements.some((item) => item.field === field && item.operator === '=' && item.value === value);
}

function readNode(ask: Ask): AccessDecision {
  const { name } = ask.resource;
  if (ask.verb === 'get' ? name === ask.node : name === ask.node || selects(ask, 'metadata.name', ask.node)) return ALLOW;
  return none(`node '${ask.node}' cannot read ${name === '' ? 'all nodes' : `'${name}'`}, only its own Node object`);
}

function lease(ask: Ask): AccessDecision {
  const { namespace, name } = ask.resource;
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(ask.verb))
    return none('can only get, create, update, patch, or delete a node lease');
  if (namespace !== 'kube-node-lease') return none('can only access leases in the "kube-node-lease" system namespace');
  // The name of a create is in its body: admission (NodeRestriction) checks that.
  if (ask.verb !== 'create' && name !== ask.node) return none('can only access node lease with the same name as the requesting node');
  return ALLOW;
}

function ownByName(ask: Ask, kind: string): AccessDecision {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(ask.verb))
    return none(`can only get, create, update, patch, or delete a ${kind}`);
  if (ask.resource.subresource !== '') return none(`cannot authorize ${kind} subresources`);
  if (ask.verb !== 'create' && ask.resource.name !== ask.node)
    return none(`can only access ${kind} with the same name as the requesting node`);
  return ALLOW;
}

/** Slices name their node in the spec: selectors and admission hold a node to its own. */
function resourceSlice(ask: Ask): AccessDecision | undefined {
  if (!['list', 'watch', 'deletecollection'].includes(ask.verb)) return undefined;
  return selects(ask, 'spec.nodeName', ask.node)
    ? ALLOW
    : none('can only list/watch/deletecollection resourceslices with spec.nodeName field selector');
}
