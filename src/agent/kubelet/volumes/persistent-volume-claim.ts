// persistentVolumeClaim and ephemeral volumes: the claim's volume is looked up; hostPath, local and nfs volumes are made here.

import { stat } from 'node:fs/promises';
import { isNotFound } from '../../../api/status-error.ts';
import type { PersistentVolume, Pod, Volume } from '../../../api/types/core-v1.gen.ts';
import type { Reader } from '../../../client/client.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../../client/resources.ts';
import { VolumeError } from './errors.ts';
import { checkHostPath } from './host-path.ts';
import { type MountDeps, mountNfs } from './nfs.ts';
import { applyFsGroup } from './ownership.ts';
import type { VolumePlugin, VolumeRequest } from './volume-plugin.ts';

/** What claims need. */
export interface ClaimDeps extends MountDeps {
  readonly client: Pick<Reader, 'get'>;
}

/** The plugin. */
export function persistentVolumeClaimPlugin(deps: ClaimDeps): VolumePlugin {
  return {
    directory: 'kubernetes.io~persistent-volume',
    handles: (volume) => volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined,
    async setUp(request) {
      const { pod, volume } = request;
      const persistent = await boundVolume(claimName(pod, volume), request, deps);
      const hostPath = await prepare(persistent, request, deps);
      const readOnly = volume.persistentVolumeClaim?.readOnly ?? persistent.spec?.nfs?.readOnly ?? false;
      return { mounted: { hostPath, readOnly } };
    },
  };
}

/** An ephemeral volume's claim is named after the pod and the volume (KEP-1698). */
function claimName(pod: Pod, volume: Volume): string {
  return volume.persistentVolumeClaim?.claimName ?? `${pod.metadata.name}-${volume.name}`;
}

async function boundVolume(name: string, request: VolumeRequest, deps: ClaimDeps): Promise<PersistentVolume> {
  const { namespace = '', uid = '' } = request.pod.metadata;
  const options = { signal: request.signal };
  const claim = await deps.client.get(PERSISTENT_VOLUME_CLAIMS, { namespace, name }, options).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
    throw new VolumeError('volume-not-found', `error processing PVC ${namespace}/${name}: PVC not found`, { cause: error });
  });
  const fail = (why: string): never => {
    throw new VolumeError('volume-failed', `error processing PVC ${namespace}/${name}: ${why}`);
  };
  if (claim.metadata.deletionTimestamp) fail('PVC is being deleted');
  const owned = claim.metadata.ownerReferences?.some((owner) => owner.controller && owner.uid === uid);
  if (request.volume.ephemeral && !owned) fail(`PVC ${namespace}/${name} was not created for pod (pod is not owner)`);
  if (claim.status?.phase !== 'Bound' || !claim.spec?.volumeName) return fail('PVC is not bound');
  const volume = await deps.client.get(PERSISTENT_VOLUMES, { namespace: '', name: claim.spec.volumeName }, options);
  if (volume.spec?.claimRef?.uid !== claim.metadata.uid) fail(`PV ${claim.spec.volumeName} is bound to another claim`);
  return volume;
}

async function prepare(volume: PersistentVolume, request: VolumeRequest, deps: ClaimDeps): Promise<string> {
  const { hostPath, local, nfs, mountOptions = [], volumeMode } = volume.spec ?? {};
  if (volumeMode === 'Block') throw new VolumeError('volume-unsupported', 'volumes of mode Block are not supported');
  if (hostPath) {
    await checkHostPath(hostPath.path, hostPath.type ?? '');
    return hostPath.path;
  }
  if (local) {
    const there = await stat(local.path).catch(() => undefined);
    if (!there) throw new VolumeError('volume-invalid', `path "${local.path}" does not exist`);
    if (!there.isDirectory()) throw new VolumeError('volume-unsupported', `local volume ${local.path} is not a directory`);
    await applyFsGroup(local.path, request.pod);
    return local.path;
  }
  if (nfs) {
    await mountNfs(nfs, { directory: request.directory, options: mountOptions, signal: request.signal }, deps);
    return request.directory;
  }
  const known = [
    'csi',
    'iscsi',
    'fc',
    'rbd',
    'cephfs',
    'azureDisk',
    'azureFile',
    'awsElasticBlockStore',
    'gcePersistentDisk',
    'vsphereVolume',
  ];
  const kind = known.find((name) => volume.spec && name in volume.spec) ?? 'unknown';
  throw new VolumeError('volume-unsupported', `persistent volume ${volume.metadata.name}: volume type ${kind} is not supported`);
}
