// Who the pods of a StatefulSet are: names, labels and claims by ordinal. Pure. Kubernetes documentation, "StatefulSets: Pod Identity".

import { deepEqual } from '../../api/copy.ts';
import type { KubeObject } from '../../api/object.ts';
import type { StatefulSet } from '../../api/types/apps-v1.gen.ts';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec, Volume } from '../../api/types/core-v1.gen.ts';
import type { OwnerReference } from '../../api/types/meta-v1.gen.ts';
import { PODS, STATEFUL_SETS } from '../../client/resources.ts';
import { controllerRef } from './controller-ref.ts';
import { podFromTemplate } from './replica-set-plan.ts';

/** Label of a pod: the name of its revision. */
export const REVISION_LABEL = 'controller-revision-hash';
/** Label of a revision: its hash. */
export const REVISION_HASH = 'controller.kubernetes.io/hash';
const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** A StatefulSet as stored. */
export type SetObject = StatefulSet & KubeObject;
/** A pod as stored. */
export type PodObject = Pod & KubeObject;
/** A claim as stored. */
export type ClaimObject = PersistentVolumeClaim & KubeObject;

/** The ordinal of a pod of the set; `undefined` for a name that is none of its. */
export function ordinalOf(set: SetObject, pod: PodObject): number | undefined {
  const match = /^(.*)-(0|[1-9]\d*)$/.exec(pod.metadata.name ?? '');
  return match?.[1] === set.metadata.name && match ? Number(match[2]) : undefined;
}

/** The ordinals that there should be pods of, ascending. */
export function ordinals({ spec }: SetObject): number[] {
  const start = spec.ordinals?.start ?? 0;
  return Array.from({ length: spec.replicas ?? 1 }, (_, i) => start + i);
}

const podName = ({ metadata }: SetObject, ordinal: number): string => `${metadata.name}-${ordinal}`;

function identityLabels(set: SetObject, ordinal: number): Record<string, string> {
  return { [POD_NAME_LABEL]: podName(set, ordinal), [INDEX_LABEL]: `${ordinal}` };
}

/** A template and the name of its revision. */
export interface SetRevision {
  readonly name: string;
  readonly template: PodTemplateSpec;
}

/** The pod of an ordinal. */
export function statefulPod(set: SetObject, revision: SetRevision, ordinal: number): PodObject {
  const { generateName: _, ...metadata } = podFromTemplate(revision.template, controllerRef(set, STATEFUL_SETS)).metadata;
  const name = podName(set, ordinal);
  const spec = revision.template.spec ?? { containers: [] };
  const { serviceName } = set.spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name,
      namespace: set.metadata.namespace ?? '',
      labels: { ...metadata.labels, ...identityLabels(set, ordinal), [REVISION_LABEL]: revision.name },
    },
    spec: { ...spec, hostname: name, ...(serviceName && { subdomain: serviceName }), volumes: volumesOf(set, spec.volumes ?? [], ordinal) },
  };
}

/** The template's volumes with those of the claims, which take the place of volumes of the same name. */
function volumesOf(set: SetObject, volumes: readonly Volume[], ordinal: number): Volume[] {
  const own = claimsOf(set, ordinal).map(({ template, claim }) => ({
    name: template,
    persistentVolumeClaim: { claimName: claim.metadata.name ?? '' },
  }));
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...volumes.filter(({ name }) => !names.has(name))];
}

/** The claims of an ordinal, each with the name of its template. */
export function claimsOf(set: SetObject, ordinal: number): { readonly template: string; readonly claim: ClaimObject }[] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => {
    const template = metadata.name ?? '';
    const labels = { ...metadata.labels, ...set.spec.selector?.matchLabels };
    const { annotations, finalizers } = metadata;
    return {
      template,
      claim: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: {
          name: `${template}-${podName(set, ordinal)}`,
          namespace: set.metadata.namespace ?? '',
          ...(Object.keys(labels).length > 0 && { labels }),
          ...(annotations && { annotations }),
          ...(finalizers && { finalizers }),
        },
        ...(spec && { spec }),
      },
    };
  });
}

/** The labels of a pod with its identity, `undefined` when it has them. */
export function missingIdentity(set: SetObject, pod: PodObject): Record<string, string> | undefined {
  const ordinal = ordinalOf(set, pod);
  if (ordinal === undefined) return undefined;
  const labels = { ...pod.metadata.labels, ...identityLabels(set, ordinal) };
  return deepEqual(labels, pod.metadata.labels) ? undefined : labels;
}

/**
 * The owners that a claim is to have by the set's retention policy, `undefined` when it has them: what owns it takes it along.
 * `pod` is the one of its ordinal. Rule: KEP-1847.
 */
export function claimOwners(set: SetObject, claim: ClaimObject, pod: PodObject): OwnerReference[] | undefined {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const references = claim.metadata.ownerReferences ?? [];
  const mine = (ref: OwnerReference): boolean => isSet(set, ref) || isPod(pod, ref);
  // A claim that another controls is not the set's to give away.
  if (references.some((ref) => ref.controller === true && !mine(ref))) return undefined;
  const surplus = !ordinals(set).includes(ordinalOf(set, pod) ?? -1);
  const byPod = whenScaled === 'Delete' && surplus;
  const bySet = whenDeleted === 'Delete' && !byPod;
  const owners = references.filter((ref) => !mine(ref));
  if (byPod) owners.push(controllerRef(pod, PODS));
  if (bySet) owners.push(controllerRef(set, STATEFUL_SETS));
  const uids = (refs: readonly OwnerReference[]): string[] => refs.map(({ uid }) => uid).sort();
  return deepEqual(uids(owners), uids(references)) ? undefined : owners;
}

/** Whether a claim goes with a pod of that name that was there before: the next pod must wait for a new claim. */
export function isClaimGoing(claim: ClaimObject, pod: PodObject): boolean {
  return claim.metadata.deletionTimestamp !== undefined || (claim.metadata.ownerReferences?.some((ref) => isPod(pod, ref)) ?? false);
}

const isSet = ({ metadata }: SetObject, ref: OwnerReference): boolean => ref.kind === 'StatefulSet' && ref.name === metadata.name;
const isPod = ({ metadata }: PodObject, ref: OwnerReference): boolean => ref.kind === 'Pod' && ref.name === metadata.name;
