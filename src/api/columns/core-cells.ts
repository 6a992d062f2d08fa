// The cells of core/v1 and events.k8s.io/v1 objects. Pure.

import type * as core from '../types/core-v1.gen.ts';
import { created, maker } from './cell-maker.ts';
import type { Cell, CellMaker } from './columns.ts';
import { accessModes, age, containers, joined, labels, NONE } from './format.ts';
import { podCells } from './pod-cells.ts';

const count = (...maps: (object | undefined)[]): number => maps.reduce((sum, map) => sum + Object.keys(map ?? {}).length, 0);

function nodeStatus(node: core.Node): string {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  const words = [ready ? (ready.status === 'True' ? 'Ready' : 'NotReady') : 'Unknown'];
  if (node.spec.unschedulable) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles(node: core.Node): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith('node-role.kubernetes.io/')) return [key.slice('node-role.kubernetes.io/'.length)];
    return key === 'kubernetes.io/role' && value !== '' ? [value] : [];
  });
  return joined([...new Set(roles)].sort());
}

const nodeAddress = (node: core.Node, type: string): string =>
  node.status?.addresses?.find((address) => address.type === type)?.address ?? NONE;

function quotaCells(quota: core.ResourceQuota, now: number): Cell[] {
  const hard = Object.entries(quota.status?.hard ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = (isLimit: (name: string) => boolean): string =>
    hard
      .filter(([name]) => isLimit(name))
      .map(([name, amount]) => `${name}: ${quota.status?.used?.[name] ?? '0'}/${amount}`)
      .join(', ');
  return [
    quota.metadata.name ?? '',
    text((name) => !name.startsWith('limits.')),
    text((name) => name.startsWith('limits.')),
    created(quota, now),
  ];
}

function volumeCells(volume: core.PersistentVolume, now: number): Cell[] {
  const { spec, status } = volume;
  const phase = volume.metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '');
  return [
    volume.metadata.name ?? '',
    spec.capacity?.['storage'] ?? '',
    accessModes(spec.accessModes),
    spec.persistentVolumeReclaimPolicy ?? '',
    phase,
    spec.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '',
    volume.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName ?? '',
    spec.volumeAttributesClassName ?? '<unset>',
    status?.reason ?? '',
    created(volume, now),
    spec.volumeMode ?? '<unset>',
  ];
}

function claimCells(claim: core.PersistentVolumeClaim, now: number): Cell[] {
  const { spec, status } = claim;
  const bound = spec.volumeName !== undefined && spec.volumeName !== '';
  return [
    claim.metadata.name ?? '',
    claim.metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''),
    spec.volumeName ?? '',
    bound ? (status?.capacity?.['storage'] ?? '') : '',
    bound ? accessModes(status?.accessModes) : '',
    claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec.storageClassName ?? '',
    status?.currentVolumeAttributesClassName ?? '<unset>',
    created(claim, now),
    spec.volumeMode ?? '<unset>',
  ];
}

function eventCells(event: core.Event, now: number): Cell[] {
  const first = event.firstTimestamp ?? event.eventTime;
  const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? first;
  const { involvedObject: about, source } = event;
  return [
    age(last, now),
    event.type ?? '',
    event.reason ?? '',
    about.name ? `${(about.kind ?? '').toLowerCase()}/${about.name}` : (about.kind ?? '').toLowerCase(),
    about.fieldPath ?? '',
    source?.component ? joined([source.component, source.host]).replace(',', ', ') : (event.reportingComponent ?? ''),
    (event.message ?? '').trim(),
    age(first, now),
    String(event.series?.count ?? event.count ?? 1),
    event.metadata.name ?? '',
  ];
}

function nodeCells(node: core.Node, now: number): Cell[] {
  const info = node.status?.nodeInfo;
  return [
    node.metadata.name ?? '',
    nodeStatus(node),
    nodeRoles(node),
    created(node, now),
    info?.kubeletVersion ?? '',
    nodeAddress(node, 'InternalIP'),
    nodeAddress(node, 'ExternalIP'),
    info?.osImage || '<unknown>',
    info?.kernelVersion || '<unknown>',
    info?.containerRuntimeVersion || '<unknown>',
  ];
}

/** Cell makers by `group/resource`. */
export const CORE_CELLS: Readonly<Record<string, CellMaker>> = {
  '/pods': podCells,
  '/podtemplates': maker<core.PodTemplate>((o) => [
    o.metadata.name ?? '',
    ...containers(o.template?.spec?.containers),
    labels(o.template?.metadata?.labels),
  ]),
  '/replicationcontrollers': maker<core.ReplicationController>((o, now) => [
    o.metadata.name ?? '',
    o.spec.replicas ?? 0,
    o.status?.replicas ?? 0,
    o.status?.readyReplicas ?? 0,
    created(o, now),
    ...containers(o.spec.template?.spec?.containers),
    labels(o.spec.selector),
  ]),
  '/nodes': maker(nodeCells),
  '/events': maker(eventCells),
  '/namespaces': maker<core.Namespace>((o, now) => [o.metadata.name ?? '', o.status?.phase ?? '', created(o, now)]),
  '/secrets': maker<core.Secret>((o, now) => [o.metadata.name ?? '', o.type ?? '', count(o.data), created(o, now)]),
  '/configmaps': maker<core.ConfigMap>((o, now) => [o.metadata.name ?? '', count(o.data, o.binaryData), created(o, now)]),
  '/serviceaccounts': maker<core.ServiceAccount>((o, now) => [o.metadata.name ?? '', created(o, now)]),
  '/persistentvolumes': maker(volumeCells),
  '/persistentvolumeclaims': maker(claimCells),
  '/componentstatuses': maker<core.ComponentStatus>((o) => {
    const healthy = o.conditions?.find((condition) => condition.type === 'Healthy');
    return [o.metadata.name ?? '', healthy?.status === 'True' ? 'Healthy' : 'Unhealthy', healthy?.message ?? '', healthy?.error ?? ''];
  }),
  '/resourcequotas': maker(quotaCells),
  'events.k8s.io/events': maker<core.Event & { regarding?: core.ObjectReference; note?: string; deprecatedCount?: number }>((o, now) =>
    eventCells({ ...o, involvedObject: o.regarding ?? o.involvedObject ?? {}, message: o.note ?? o.message ?? '' }, now),
  ),
};
