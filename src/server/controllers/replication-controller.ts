// The ReplicationController controller: the ReplicaSet's loop over objects whose selector is a plain map.

import type { KubeObject } from '../../api/object.ts';
import type { ReplicaSet, ReplicaSetStatus } from '../../api/types/apps-v1.gen.ts';
import type { ReplicationController } from '../../api/types/core-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { REPLICATION_CONTROLLERS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';
import { replicaController } from './replica-set.ts';

type OwnerObject = ReplicationController & KubeObject;

/** Runs ReplicationControllers. */
export function replicationController(deps: ControllerDeps): Component {
  // An object is frozen, so what was made of it once holds as long as it lives.
  const made = new WeakMap<OwnerObject, ReplicaSet>();
  const asReplicaSet = (owner: OwnerObject): ReplicaSet => {
    const set = made.get(owner) ?? toReplicaSet(owner);
    made.set(owner, set);
    return set;
  };
  const kind = {
    name: 'replication-controller',
    component: 'replication-controller',
    resource: REPLICATION_CONTROLLERS,
    asReplicaSet,
    withStatus,
  };
  return replicaController(kind, deps);
}

function toReplicaSet({ metadata, spec, status }: OwnerObject): ReplicaSet {
  const { selector = {}, ...same } = spec;
  return { metadata, spec: { ...same, selector: { matchLabels: selector } }, ...(status && { status }) };
}

/** ReplicationControllers do not count pods that are going. */
function withStatus(owner: OwnerObject, { terminatingReplicas: _, ...status }: ReplicaSetStatus): OwnerObject {
  return { ...owner, status };
}
