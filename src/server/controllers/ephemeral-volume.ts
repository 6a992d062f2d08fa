// The ephemeral volume controller: makes the claims of pods' generic ephemeral volumes, which the pods own. Rules: "Ephemeral Volumes", KEP-1698.

import type { KubeObject } from '../../api/object.ts';
import { keyOf } from '../../api/object.ts';
import { isAlreadyExists } from '../../api/status-error.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimTemplate, Pod } from '../../api/types/core-v1.gen.ts';
import type { Component } from '../../base/component.ts';
import { ControllerLoop, source } from '../../client/controller-loop.ts';
import { PERSISTENT_VOLUME_CLAIMS, PODS } from '../../client/resources.ts';
import type { ControllerDeps } from './controller.ts';

type PodObject = Pod & KubeObject;
type Claim = PersistentVolumeClaim & KubeObject;

/** The controller. Its keys are pods that have such volumes. */
export function ephemeralVolumeController(deps: ControllerDeps): Component {
  const events = deps.recorder('ephemeral_volume');
  const setup = () => {
    const pods = deps.informers.informer(PODS);
    const claims = deps.informers.informer(PERSISTENT_VOLUME_CLAIMS);
    const ofPods = source(pods, ({ type, object }) => (type !== 'deleted' && ephemeralClaims(object).length > 0 ? [keyOf(object)] : []));
    // A claim that went is made again as long as its pod needs it.
    const ofClaims = source(claims, ({ type, object }) => (type === 'deleted' ? ownersOf(object) : []));
    const reconcile = async (key: string, signal: AbortSignal): Promise<undefined> => {
      const pod = pods.lister.get(key);
      if (!pod || pod.metadata.deletionTimestamp !== undefined) return;
      for (const claim of ephemeralClaims(pod)) {
        const found = claims.lister.get(keyOf(claim));
        if (!found) await create(deps, claim, signal);
        else if (!isOwnedBy(found, pod)) {
          const why = `PVC ${keyOf(claim)} was not created for pod ${key} (pod is not owner)`;
          events.event(pod, 'Warning', 'EphemeralVolumeConflict', why);
        }
      }
    };
    return { sources: [ofPods, ofClaims], reconcile };
  };
  return new ControllerLoop({ name: 'ephemeral-volume', setup }, deps);
}

async function create(deps: ControllerDeps, claim: Claim, signal: AbortSignal): Promise<void> {
  try {
    await deps.client.create(PERSISTENT_VOLUME_CLAIMS, claim, { signal });
  } catch (error) {
    // The informer is behind: what it brings is looked at again.
    if (!isAlreadyExists(error)) throw error;
  }
}

/** The claims that a pod's generic ephemeral volumes stand for: `<pod>-<volume>`, owned by the pod. */
function ephemeralClaims(pod: PodObject): Claim[] {
  return (pod.spec.volumes ?? []).flatMap(({ name, ephemeral }) => {
    const template = ephemeral?.volumeClaimTemplate;
    return template ? [claimOf(pod, name, template)] : [];
  });
}

function claimOf({ metadata }: PodObject, volume: string, template: PersistentVolumeClaimTemplate): Claim {
  const { name = '', namespace = '', uid = '' } = metadata;
  const { labels, annotations } = template.metadata ?? {};
  const owner = { apiVersion: 'v1', kind: 'Pod', name, uid, controller: true, blockOwnerDeletion: true };
  return {
    metadata: {
      name: `${name}-${volume}`,
      namespace,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ownerReferences: [owner],
    },
    spec: template.spec,
  };
}

const isOwnedBy = ({ metadata }: KubeObject, pod: KubeObject): boolean =>
  metadata.ownerReferences?.some(({ controller, uid }) => controller && uid === pod.metadata.uid) ?? false;

const ownersOf = ({ metadata: { namespace, ownerReferences = [] } }: KubeObject): string[] =>
  ownerReferences.filter(({ kind, controller }) => kind === 'Pod' && controller).map(({ name }) => `${namespace}/${name}`);
