// Default values of the core group beyond pod specs.

import type {
  Endpoints,
  LimitRange,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodTemplate,
  ReplicationController,
  Secret,
  Service,
} from '../types/core-v1.gen.ts';
import { alignPodAddresses, alignPodRanges } from './aliases.ts';
import { defaultPodSpec, defaultVolumeSource, roundQuantities } from './pod.ts';
import { defaultPodContainers, defaultPodLevelResources } from './pod-resources.ts';

export function defaultPod(pod: Pod): void {
  defaultPodSpec(pod.spec);
  defaultPodContainers(pod.spec);
  pod.spec.enableServiceLinks ??= true;
  defaultPodLevelResources(pod.spec);
  if (pod.status) alignPodAddresses(pod.status);
}

export function defaultPodTemplate({ template }: PodTemplate): void {
  if (template) defaultPodSpec(template.spec);
}

export function defaultReplicationController(controller: ReplicationController): void {
  const { spec, metadata } = controller;
  const labels = spec.template?.metadata?.labels;
  if (labels) {
    if (isEmpty(spec.selector)) spec.selector = { ...labels };
    if (isEmpty(metadata.labels)) metadata.labels = { ...labels };
  }
  spec.replicas ??= 1;
  if (spec.template) defaultPodSpec(spec.template.spec);
}

const isEmpty = (map: object | undefined): boolean => map === undefined || Object.keys(map).length === 0;

/** Addresses, node ports and IP families are allocated by the registry, not defaulted here. */
export function defaultService(service: Service): void {
  const { spec } = service;
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= {};
    spec.sessionAffinityConfig.clientIP ??= {};
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= 10_800;
  }
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '') port.targetPort = port.port;
  }
  defaultTrafficPolicies(service);
}

function defaultTrafficPolicies({ spec, status }: Service): void {
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  const exposed = external || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0);
  if (exposed) spec.externalTrafficPolicy ||= 'Cluster';
  if (external || spec.type === 'ClusterIP') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type !== 'LoadBalancer') return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of status?.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP';
}

export function defaultPersistentVolume(volume: PersistentVolume): void {
  volume.status ??= {};
  volume.status.phase ||= 'Pending';
  volume.spec.persistentVolumeReclaimPolicy ||= 'Retain';
  volume.spec.volumeMode ??= 'Filesystem';
  roundQuantities(volume.spec.capacity);
  defaultVolumeSource(volume.spec);
}

export function defaultPersistentVolumeClaim(claim: PersistentVolumeClaim): void {
  claim.status ??= {};
  claim.status.phase ||= 'Pending';
  claim.spec.volumeMode ??= 'Filesystem';
}

/** `stringData` is for writing only: it becomes `data`, and wins over it. */
export function defaultSecret(secret: Secret): void {
  secret.type ||= 'Opaque';
  if (!secret.stringData) return;
  const encoded = Object.entries(secret.stringData).map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')] as const);
  secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
  delete secret.stringData;
}

export function defaultEndpoints(endpoints: Endpoints): void {
  for (const { ports } of endpoints.subsets ?? []) for (const port of ports ?? []) port.protocol ||= 'TCP';
}

export function defaultNamespace(namespace: Namespace): void {
  const { metadata } = namespace;
  namespace.status ??= {};
  namespace.status.phase ||= 'Active';
  if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
}

export function defaultNode({ spec, status }: Node): void {
  if (spec) alignPodRanges(spec);
  if (!status) return;
  if (status.capacity) status.allocatable ??= { ...status.capacity };
  roundQuantities(status.capacity);
  roundQuantities(status.allocatable);
}

export function defaultLimitRange(range: LimitRange): void {
  for (const item of range.spec?.limits ?? []) {
    if (item.type !== 'Container') continue;
    const limits = { ...item.max, ...item.default };
    const requests = { ...item.min, ...limits, ...item.defaultRequest };
    if (!isEmpty(limits)) item.default = limits;
    if (!isEmpty(requests)) item.defaultRequest = requests;
  }
}
