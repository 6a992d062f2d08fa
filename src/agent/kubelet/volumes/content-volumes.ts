// configMap, secret and downwardAPI volumes: files written by kts, read-only for containers. Secrets and pod fields lie in memory.

import type { Clock } from '../../../base/clock.ts';
import { writeAtomically } from './atomic-writer.ts';
import { downwardApiPayload } from './downward-api.ts';
import { makeVolumeRoot, mountTmpfs, type TmpfsDeps } from './empty-dir.ts';
import { configMapData, DEFAULT_MODE, itemsPayload, type Payload, secretData } from './payload.ts';
import type { SourceObjects } from './source-objects.ts';
import type { VolumePlugin, VolumeRequest } from './volume-plugin.ts';

/** What volumes with content need. */
export interface ContentDeps extends TmpfsDeps {
  readonly objects: Pick<SourceObjects, 'configMap' | 'secret'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Secrets are at most 1 MiB each (API limit); a tmpfs of this size holds an old and a new set of a large projection. */
const CONTENT_TMPFS_BYTES = 64 << 20;

/** Where the content lies. */
export type Ground = 'disk' | 'memory';

/** Makes the volume's root and writes the files into it, for the pod's fsGroup. */
export async function writeContent(request: VolumeRequest, payload: Payload, ground: Ground, deps: ContentDeps): Promise<void> {
  const { directory, pod, signal } = request;
  if (ground === 'memory') await mountTmpfs(directory, CONTENT_TMPFS_BYTES, deps, signal);
  else await makeVolumeRoot(directory);
  await writeAtomically({ directory, payload, fsGroup: pod.spec?.securityContext?.fsGroup, nowMs: deps.clock.now() });
}

/** configMap volumes. */
export function configMapPlugin(deps: ContentDeps): VolumePlugin {
  return {
    directory: 'kubernetes.io~configmap',
    handles: (volume) => volume.configMap !== undefined,
    async setUp(request) {
      const { name = '', items, optional, defaultMode = DEFAULT_MODE } = request.volume.configMap ?? {};
      const namespace = request.pod.metadata.namespace ?? '';
      const configMap = await deps.objects.configMap(namespace, name, { optional, signal: request.signal });
      await writeContent(request, itemsPayload(configMapData(configMap), 'ConfigMap', { items, optional, defaultMode }), 'disk', deps);
      const version = configMap?.metadata.resourceVersion ?? '';
      return { mounted: { hostPath: request.directory, readOnly: true }, sources: [{ kind: 'ConfigMap', namespace, name, version }] };
    },
  };
}

/** secret volumes. */
export function secretPlugin(deps: ContentDeps): VolumePlugin {
  return {
    directory: 'kubernetes.io~secret',
    handles: (volume) => volume.secret !== undefined,
    async setUp(request) {
      const { secretName: name = '', items, optional, defaultMode = DEFAULT_MODE } = request.volume.secret ?? {};
      const namespace = request.pod.metadata.namespace ?? '';
      const secret = await deps.objects.secret(namespace, name, { optional, signal: request.signal });
      await writeContent(request, itemsPayload(secretData(secret), 'Secret', { items, optional, defaultMode }), 'memory', deps);
      const version = secret?.metadata.resourceVersion ?? '';
      return { mounted: { hostPath: request.directory, readOnly: true }, sources: [{ kind: 'Secret', namespace, name, version }] };
    },
  };
}

/** downwardAPI volumes. */
export function downwardApiPlugin(deps: ContentDeps): VolumePlugin {
  return {
    directory: 'kubernetes.io~downward-api',
    handles: (volume) => volume.downwardAPI !== undefined,
    async setUp(request) {
      const { items = [], defaultMode } = request.volume.downwardAPI ?? {};
      const payload = downwardApiPayload(request.pod, items, { allocatable: deps.allocatable(), defaultMode });
      await writeContent(request, payload, 'memory', deps);
      return { mounted: { hostPath: request.directory, readOnly: true }, followsPod: true };
    },
  };
}
