// The objects a pod makes its node need: what the node authorizer lets that node read. Pure.

import { isObject } from '../../api/copy.ts';
import type { Container, PersistentVolume, Pod, Volume } from '../../api/types/core-v1.gen.ts';

/** Names in the pod's own namespace. */
export interface PodReferences {
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  readonly resourceClaims: ReadonlySet<string>;
  readonly serviceAccount: string;
}

/** What the spec (and the resource claims of the status) of a pod refers to. */
export function podReferences(pod: Pod): PodReferences {
  const secrets = new Set<string>();
  const configMaps = new Set<string>();
  const spec = pod.spec;
  for (const { name } of spec?.imagePullSecrets ?? []) add(secrets, name);
  for (const container of [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])]) {
    addEnvironment(container, secrets, configMaps);
  }
  for (const volume of spec?.volumes ?? []) addVolume(volume, secrets, configMaps);
  return {
    secrets,
    configMaps,
    claims: claimsOf(pod),
    resourceClaims: resourceClaimsOf(pod),
    serviceAccount: spec?.serviceAccountName ?? '',
  };
}

/** Secrets that mounting a volume needs, as `namespace/name`; `claimNamespace` is where those without a namespace are. */
export function volumeSecrets(volume: PersistentVolume, claimNamespace: string): Set<string> {
  const out = new Set<string>();
  for (const source of Object.values(volume.spec ?? {})) {
    if (!isObject(source)) continue;
    if (typeof source['secretName'] === 'string') out.add(`${source['secretNamespace'] ?? claimNamespace}/${source['secretName']}`);
    for (const key of ['secretRef', 'nodePublishSecretRef', 'nodeStageSecretRef', 'nodeExpandSecretRef']) {
      const reference = source[key];
      if (isObject(reference) && reference['name']) out.add(`${reference['namespace'] ?? claimNamespace}/${reference['name']}`);
    }
  }
  return out;
}

function add(names: Set<string>, name: unknown): void {
  if (typeof name === 'string' && name !== '') names.add(name);
}

function addEnvironment(container: Pick<Container, 'env' | 'envFrom'>, secrets: Set<string>, configMaps: Set<string>): void {
  for (const { secretRef, configMapRef } of container.envFrom ?? []) {
    add(secrets, secretRef?.name);
    add(configMaps, configMapRef?.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    add(secrets, valueFrom?.secretKeyRef?.name);
    add(configMaps, valueFrom?.configMapKeyRef?.name);
  }
}

function addVolume(volume: Volume, secrets: Set<string>, configMaps: Set<string>): void {
  add(configMaps, volume.configMap?.name);
  for (const { secret, configMap } of volume.projected?.sources ?? []) {
    add(secrets, secret?.name);
    add(configMaps, configMap?.name);
  }
  // Every kind of volume that needs a secret names it by one of these.
  for (const source of Object.values(volume)) {
    if (!isObject(source)) continue;
    add(secrets, source['secretName']);
    for (const key of ['secretRef', 'nodePublishSecretRef']) {
      const reference = source[key];
      if (isObject(reference)) add(secrets, reference['name']);
    }
  }
}

/** Claims by name; a generic ephemeral volume's claim is named `<pod>-<volume>`. */
function claimsOf({ metadata, spec }: Pod): Set<string> {
  const out = new Set<string>();
  for (const { name, persistentVolumeClaim, ephemeral } of spec?.volumes ?? []) {
    add(out, persistentVolumeClaim?.claimName);
    if (ephemeral) out.add(`${metadata.name}-${name}`);
  }
  return out;
}

function resourceClaimsOf({ spec, status }: Pod): Set<string> {
  const out = new Set<string>();
  for (const { resourceClaimName } of [...(spec?.resourceClaims ?? []), ...(status?.resourceClaimStatuses ?? [])])
    add(out, resourceClaimName);
  return out;
}
