// For whom the pods of a node want service account tokens: a node asks for no others' (KEP-4935).

import type { Pod, Volume } from '../../api/types/core-v1.gen.ts';
import { CSI_DRIVERS, PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../client/resources.ts';
import type { AdmissionReader } from './admission-reader.ts';

/** Whether a volume of the pod needs a token for an audience; `''` is the API itself. */
export function podNeedsAudience(pod: Pod, audience: string, reader: AdmissionReader): boolean {
  return (pod.spec.volumes ?? []).some((volume) => {
    if (volume.projected?.sources?.some(({ serviceAccountToken: token }) => token && (token.audience ?? '') === audience)) return true;
    const driver = driverOf(pod, volume, reader);
    const found = driver === undefined ? undefined : reader.get(CSI_DRIVERS, { namespace: '', name: driver });
    return found?.spec.tokenRequests?.some((request) => request.audience === audience) ?? false;
  });
}

/** The CSI driver that mounts a volume, inline or by a claim. */
function driverOf({ metadata }: Pod, volume: Volume, reader: AdmissionReader): string | undefined {
  if (volume.csi) return volume.csi.driver;
  const claimName = volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral && `${metadata.name}-${volume.name}`);
  if (claimName === undefined) return undefined;
  const claim = reader.get(PERSISTENT_VOLUME_CLAIMS, { namespace: metadata.namespace ?? '', name: claimName });
  const name = claim?.spec.volumeName;
  return name ? reader.get(PERSISTENT_VOLUMES, { namespace: '', name })?.spec.csi?.driver : undefined;
}
