// Fields of features that are alpha or off by default: what a client sets in them is dropped, as if they were not there, so that nobody believes in
// what nothing here does. An object that has one already keeps it. Pure.

import type { KubeObject } from './object.ts';
import type { GroupVersionKind } from './resources.ts';
import type * as apps from './types/apps-v1.gen.ts';
import type { CronJob, Job } from './types/batch-v1.gen.ts';
import type { Lease } from './types/coordination-v1.gen.ts';
import type * as core from './types/core-v1.gen.ts';
import type { Device, ResourceSlice } from './types/resource-v1.gen.ts';
import type { CSIDriver } from './types/storage-v1.gen.ts';

type Drop = (object: never, old: never | undefined) => void;

/** Drops the members of `part` unless that of the object before, taken from the same place, has one of them. */
function dropMembers<T extends object>(part: T | undefined, old: T | undefined, names: readonly (keyof T)[]): void {
  if (!part || (old && names.some((name) => old[name] !== undefined))) return;
  for (const name of names) if (part[name] !== undefined) delete part[name];
}

const PROJECTIONS = ['clusterTrustBundle', 'podCertificate'] as const;

const projectionsOf = (spec: core.PodSpec | undefined): core.VolumeProjection[] =>
  (spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? []);

const lifecyclesOf = (spec: core.PodSpec | undefined): core.Lifecycle[] =>
  [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].flatMap(({ lifecycle }) => (lifecycle ? [lifecycle] : []));

/** ClusterTrustBundleProjection, PodCertificateProjection, ContainerStopSignals, GenericWorkload. */
function dropOfPod(spec: core.PodSpec | undefined, old: core.PodSpec | undefined): void {
  if (!spec) return;
  dropMembers(spec, old, ['schedulingGroup']);
  const hadProjection = old !== undefined && projectionsOf(old).some((source) => PROJECTIONS.some((name) => source[name]));
  if (!hadProjection) for (const source of projectionsOf(spec)) for (const name of PROJECTIONS) if (source[name]) delete source[name];
  const hadSignal = old !== undefined && lifecyclesOf(old).some(({ stopSignal }) => stopSignal !== undefined);
  if (!hadSignal) for (const lifecycle of lifecyclesOf(spec)) if (lifecycle.stopSignal !== undefined) delete lifecycle.stopSignal;
}

type Workload = apps.Deployment | apps.ReplicaSet | apps.DaemonSet | apps.StatefulSet | Job | core.ReplicationController;

const ofTemplate = ({ spec }: Workload, old: Workload | undefined): void => dropOfPod(spec?.template?.spec, old?.spec?.template?.spec);

/** MaxUnavailableStatefulSet. */
function dropOfStatefulSet(set: apps.StatefulSet, old: apps.StatefulSet | undefined): void {
  ofTemplate(set, old);
  dropMembers(set.spec?.updateStrategy?.rollingUpdate, old?.spec?.updateStrategy?.rollingUpdate, ['maxUnavailable']);
}

/** DynamicKubeletConfig, which is gone for good. */
function dropOfNode({ spec, status }: core.Node, old: core.Node | undefined): void {
  dropMembers(spec, old?.spec, ['configSource']);
  if (!old) dropMembers(status, undefined, ['config']);
}

/** DRANodeAllocatableResources, DRAListTypeAttributes. */
function dropOfSlice({ spec }: ResourceSlice, old: ResourceSlice | undefined): void {
  const lists = ['ints', 'bools', 'strings', 'versions'] as const;
  const attributesOf = (devices: readonly Device[] | undefined) =>
    (devices ?? []).flatMap((device) => Object.values(device.attributes ?? {}));
  const had = old ? attributesOf(old.spec?.devices).some((value) => lists.some((name) => value[name])) : false;
  if (!had) for (const value of attributesOf(spec?.devices)) dropMembers(value, undefined, lists);
  const mapped = old?.spec?.devices?.find((device) => device.nodeAllocatableResourceMappings !== undefined);
  for (const device of spec?.devices ?? []) dropMembers(device, mapped, ['nodeAllocatableResourceMappings']);
}

const DROPS: Readonly<Record<string, Drop>> = {
  '/Pod': (pod: core.Pod, old: core.Pod | undefined) => dropOfPod(pod.spec, old?.spec),
  '/PodTemplate': ({ template }: core.PodTemplate, old: core.PodTemplate | undefined) => dropOfPod(template?.spec, old?.template?.spec),
  '/ReplicationController': ofTemplate,
  'apps/Deployment': ofTemplate,
  'apps/ReplicaSet': ofTemplate,
  'apps/DaemonSet': ofTemplate,
  'apps/StatefulSet': dropOfStatefulSet,
  'batch/Job': ofTemplate,
  'batch/CronJob': ({ spec }: CronJob, old: CronJob | undefined) =>
    dropOfPod(spec?.jobTemplate?.spec?.template?.spec, old?.spec?.jobTemplate?.spec?.template?.spec),
  '/Node': dropOfNode,
  // CrossNamespaceVolumeDataSource
  '/PersistentVolumeClaim': ({ spec }: core.PersistentVolumeClaim, old: core.PersistentVolumeClaim | undefined) =>
    dropMembers(spec?.dataSourceRef, old?.spec?.dataSourceRef, ['namespace']),
  // CoordinatedLeaderElection
  'coordination.k8s.io/Lease': ({ spec }: Lease, old: Lease | undefined) => dropMembers(spec, old?.spec, ['strategy', 'preferredHolder']),
  'resource.k8s.io/ResourceSlice': dropOfSlice,
  // VolumeLimitScaling
  'storage.k8s.io/CSIDriver': ({ spec }: CSIDriver, old: CSIDriver | undefined) =>
    dropMembers(spec, old?.spec, ['preventPodSchedulingIfMissing']),
};

/** Drops from a draft what belongs to features that are off; `old` is what the draft replaces. */
export function dropDisabledFields({ group, kind }: GroupVersionKind, object: KubeObject, old?: KubeObject): void {
  // The table pairs kinds and types.
  DROPS[`${group}/${kind}`]?.(object as never, old as never);
}
