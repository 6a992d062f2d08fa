// nfs volumes: mounted by mount.nfs of the node.

import { mkdir } from 'node:fs/promises';
import type { NFSVolumeSource } from '../../../api/types/core-v1.gen.ts';
import { messageOf } from '../../../base/errors.ts';
import { VolumeError } from './errors.ts';
import type { Mounter } from './mounter.ts';
import type { VolumePlugin } from './volume-plugin.ts';

/** What network volumes need. */
export interface MountDeps {
  readonly mounter: Pick<Mounter, 'mount' | 'isMountPoint'>;
}

/** Mounts an export at `directory` unless something is mounted there. @throws VolumeError `volume-failed` */
export async function mountNfs(
  source: NFSVolumeSource,
  place: { readonly directory: string; readonly options: readonly string[]; readonly signal: AbortSignal },
  deps: MountDeps,
): Promise<void> {
  await mkdir(place.directory, { recursive: true, mode: 0o750 });
  if (await deps.mounter.isMountPoint(place.directory)) return;
  // An IPv6 address needs brackets before the path.
  const server = source.server.includes(':') && !source.server.startsWith('[') ? `[${source.server}]` : source.server;
  const options = [...(source.readOnly ? ['ro'] : []), ...place.options];
  try {
    await deps.mounter.mount({ source: `${server}:${source.path}`, target: place.directory, type: 'nfs', options, signal: place.signal });
  } catch (error) {
    throw new VolumeError('volume-failed', `mount failed: ${messageOf(error)}`, { cause: error });
  }
}

/** The plugin. */
export function nfsPlugin(deps: MountDeps): VolumePlugin {
  return {
    directory: 'kubernetes.io~nfs',
    handles: (volume) => volume.nfs !== undefined,
    async setUp({ volume, directory, signal }) {
      const source = volume.nfs ?? { server: '', path: '' };
      await mountNfs(source, { directory, options: [], signal }, deps);
      return { mounted: { hostPath: directory, readOnly: source.readOnly ?? false } };
    },
  };
}
