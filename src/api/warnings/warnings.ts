// What a client is warned of when it writes an object of a built-in kind: the object is valid, but something in it is deprecated, has no effect
// or is hardly what was meant. Texts are upstream's. Pure; only called for a client that hears warnings.

import type { KubeObject } from '../object.ts';
import type { GroupVersionKind } from '../resources.ts';
import * as nodes from './nodes.ts';
import { podWarnings } from './pods.ts';
import * as services from './services.ts';
import * as storage from './storage.ts';
import * as workloads from './workloads.ts';

type WarningRule = (object: never) => string[];

interface KindWarnings {
  readonly create: WarningRule;
  /** Absent: changes are not warned of. */
  readonly update?: WarningRule;
  /** Only changes of the spec are warned of. */
  readonly ofSpec?: boolean;
}

const always = (rule: WarningRule): KindWarnings => ({ create: rule, update: rule });
const { workloadWarnings, namedWorkloadWarnings } = workloads;

const WARNINGS: Readonly<Record<string, KindWarnings>> = {
  // Hardly anybody changes pods by hand.
  '/Pod': { create: podWarnings },
  '/PodTemplate': { ...always(workloads.podTemplateWarnings), ofSpec: true },
  '/ReplicationController': { create: namedWorkloadWarnings, update: workloadWarnings, ofSpec: true },
  '/Service': always(services.serviceWarnings),
  '/Node': always(nodes.nodeWarnings),
  '/PersistentVolume': always(storage.volumeObjectWarnings),
  '/PersistentVolumeClaim': always(storage.claimWarnings),
  'apps/Deployment': { create: namedWorkloadWarnings, update: workloadWarnings, ofSpec: true },
  'apps/ReplicaSet': { create: namedWorkloadWarnings, update: workloadWarnings, ofSpec: true },
  'apps/DaemonSet': { ...always(workloadWarnings), ofSpec: true },
  'apps/StatefulSet': { ...always(workloads.statefulSetWarnings), ofSpec: true },
  'batch/Job': { create: workloads.jobWarnings, update: workloads.jobUpdateWarnings, ofSpec: true },
  'batch/CronJob': { create: workloads.cronJobWarnings, update: workloads.cronJobUpdateWarnings, ofSpec: true },
  'discovery.k8s.io/EndpointSlice': { create: services.endpointSliceWarnings, update: services.endpointAddressWarnings },
  'networking.k8s.io/Ingress': { create: services.ingressWarnings },
  'networking.k8s.io/NetworkPolicy': always(services.networkPolicyWarnings),
  'node.k8s.io/RuntimeClass': always(nodes.runtimeClassWarnings),
  'resource.k8s.io/ResourceSlice': always(nodes.resourceSliceWarnings),
  'storage.k8s.io/CSIDriver': { create: storage.csiDriverWarnings },
  'storage.k8s.io/StorageClass': always(storage.storageClassWarnings),
};

/** What the writer of an object is warned of; `old` is what the object replaces, undefined for a new one. */
export function warningsOf({ group, kind }: GroupVersionKind, object: KubeObject, old?: KubeObject): string[] {
  const warnings = WARNINGS[`${group}/${kind}`];
  if (!warnings) return [];
  // The table pairs kinds and rules.
  if (!old) return warnings.create(object as never);
  const changed = object.metadata.generation !== old.metadata.generation;
  return warnings.ofSpec && !changed ? [] : (warnings.update?.(object as never) ?? []);
}
