// Default values inside of pod specs, wherever one stands: pods, pod templates, templates of workloads.

import { tryParseQuantity } from '../quantity.ts';
import type {
  AzureDiskVolumeSource,
  Container,
  EphemeralContainerCommon,
  HTTPGetAction,
  Lifecycle,
  PodSpec,
  Probe,
  ResourceRequirements,
  Volume,
} from '../types/core-v1.gen.ts';
import { alignServiceAccount } from './aliases.ts';

const DEFAULT_MODE = 0o644;

/** Defaults of a pod spec in a pod or a template. */
export function defaultPodSpec(spec: PodSpec): void {
  alignServiceAccount(spec);
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
  roundQuantities(spec.overhead);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) defaultContainer(container);
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container);
}

function defaultContainer(container: Container | EphemeralContainerCommon): void {
  container.imagePullPolicy ||= pullPolicy(container.image);
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= 'v1';
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false;
  }
  roundResources(container.resources);
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) defaultProbe(probe);
  defaultLifecycle(container.lifecycle);
}

/** `Always` for the tag latest, also when it is only implied by neither tag nor digest. */
function pullPolicy(image: string | undefined): string {
  if (!image) return 'IfNotPresent';
  const [name = '', digest] = image.split('@');
  const tag = /:([^/:]+)$/.exec(name)?.[1];
  return tag === 'latest' || (tag === undefined && digest === undefined) ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: Probe | undefined): void {
  if (!probe) return;
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  defaultHttpGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
}

function defaultLifecycle(lifecycle: Lifecycle | undefined): void {
  defaultHttpGet(lifecycle?.postStart?.httpGet);
  defaultHttpGet(lifecycle?.preStop?.httpGet);
}

function defaultHttpGet(action: HTTPGetAction | undefined): void {
  if (!action) return;
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}

function roundResources(resources: ResourceRequirements | undefined): void {
  roundQuantities(resources?.limits);
  roundQuantities(resources?.requests);
}

/** Nothing in a resource list is finer than a thousandth. */
export function roundQuantities(list: Record<string, string> | undefined): void {
  for (const [name, text] of Object.entries(list ?? {})) {
    if (!/[nu.e]/.test(text)) continue;
    const quantity = tryParseQuantity(text);
    if (quantity && list) list[name] = quantity.roundUpToMilli().toString();
  }
}

/** Defaults of a volume: without a source it is an emptyDir. */
function defaultVolume(volume: Volume): void {
  if (!Object.entries(volume).some(([key, source]) => key !== 'name' && source !== undefined)) volume.emptyDir = {};
  if (volume.image) volume.image.pullPolicy ||= pullPolicy(volume.image.reference);
  for (const source of [volume.secret, volume.configMap, volume.downwardAPI, volume.projected])
    if (source) source.defaultMode ??= DEFAULT_MODE;
  for (const item of volume.downwardAPI?.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
  for (const { serviceAccountToken, downwardAPI } of volume.projected?.sources ?? []) {
    if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600;
    for (const item of downwardAPI?.items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
  }
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec;
  if (claim) claim.volumeMode ??= 'Filesystem';
  defaultVolumeSource(volume);
}

/** The volume sources that pods and persistent volumes have in common. */
interface CommonSources {
  hostPath?: { type?: string };
  iscsi?: { iscsiInterface?: string };
  rbd?: { pool?: string; user?: string; keyring?: string };
  azureDisk?: AzureDiskVolumeSource;
  scaleIO?: { storageMode?: string; fsType?: string };
}

/** Defaults of a volume source of a pod or a persistent volume. */
export function defaultVolumeSource({ hostPath, iscsi, rbd, azureDisk, scaleIO }: CommonSources): void {
  if (hostPath) hostPath.type ??= '';
  if (iscsi) iscsi.iscsiInterface ||= 'default';
  if (rbd) {
    rbd.pool ||= 'rbd';
    rbd.user ||= 'admin';
    rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (azureDisk) {
    azureDisk.cachingMode ??= 'ReadWrite';
    azureDisk.kind ??= 'Shared';
    azureDisk.fsType ??= 'ext4';
    azureDisk.readOnly ??= false;
  }
  if (scaleIO) {
    scaleIO.storageMode ||= 'ThinProvisioned';
    scaleIO.fsType ||= 'xfs';
  }
}
